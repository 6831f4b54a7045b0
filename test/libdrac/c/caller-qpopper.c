/* As Qpopper's drac.c calls: declared by hand, host from -D or "localhost", the message always asked for. */
#include <stdio.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>

extern int dracauth();

typedef struct {
    char *drac_host;
    char *ipaddr;
    char *user;
} POP;

int drac_it(POP *p)
{
    int rslt;
    char *err = NULL;

    rslt = dracauth(p->drac_host, inet_addr(p->ipaddr), &err);
    if (rslt != 0)
        printf("[drac]: dracauth returned %d: %s\n", rslt, err);
    else
        printf("[drac]: login by %s from host %s\n", p->user, p->ipaddr);
    return rslt;
}

int main(int argc, char **argv)
{
    POP p;

    if (argc != 3)
        return 2;
    p.drac_host = argv[1];
    p.ipaddr = argv[2];
    p.user = "alice";
    return drac_it(&p) == 0 ? 0 : 1;
}
