/*
 * As the Cyrus contrib patch calls: imapd connects once, sends at login and every dracinterval minutes, gives up after
 * three failures in a row; pop3d calls dracauth without asking for the message.
 */
#include <stdio.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>

extern int dracauth(char *server, unsigned long userip, char **errmsg);
extern int dracconn(char *server, char **errmsg);
extern int dracsend(unsigned long userip, char **errmsg);
extern int dracdisc(char **errmsg);

static int drac_failed = 0;

static void drac_ping(unsigned long userip)
{
    char *err;

    if (drac_failed > 2)
        return;
    if (dracsend(userip, &err) != 0) {
        drac_failed++;
        printf("dracsend: %s\n", err);
    } else {
        drac_failed = 0;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in remote;
    char *err;
    int i;

    if (argc != 3)
        return 2;
    remote.sin_addr.s_addr = inet_addr(argv[2]);
    if (dracconn(argv[1], &err) != 0) {
        printf("dracconn: %s\n", err);
        return 1;
    }
    for (i = 0; i < 3; i++)
        drac_ping((unsigned long)remote.sin_addr.s_addr);
    if (dracdisc((char **)NULL) != 0 || drac_failed)
        return 1;
    return dracauth(argv[1], (unsigned long)remote.sin_addr.s_addr, (char **)NULL) == 0 ? 0 : 1;
}
