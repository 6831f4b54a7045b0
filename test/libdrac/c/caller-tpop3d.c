/*
 * As tpop3d's authswitch.c calls: declared inside the function, with a server that is not const, the message only looked
 * at when something failed, for one client after another in the same process.
 */
#include <stdio.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>

static char *drac_server;

static int onlogin(const char *clienthost)
{
    int dracauth(char *server, unsigned long userip, char **errmsg);
    char *errmsg;
    int result = dracauth(drac_server, inet_addr(clienthost), &errmsg);

    if (result)
        printf("authswitch_onlogin: dracauth: %s\n", errmsg);
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    drac_server = argv[1];
    return onlogin(argv[2]) == 0 && onlogin(argv[2]) == 0 ? 0 : 1;
}
