/* As Teapop's pop_popsmtp_drac.c calls: drac.h included, the address in an unsigned long, the result hardly looked at. */
#include <stdio.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include "drac.h"

int main(int argc, char **argv)
{
    char *errmsg;
    unsigned long remoteip;

    if (argc != 3)
        return 2;
    remoteip = inet_addr(argv[2]);
    if (dracauth(argv[1], remoteip, &errmsg) != 0) {
        fprintf(stderr, "DRAC: %s\n", errmsg);
        return 1;
    }
    return 0;
}
