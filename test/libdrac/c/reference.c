/*
 * The same call made with rpcgen's client over libtirpc, as the original's library made it: what our library is
 * compared with.
 *
 *   reference auth|auth6 HOST ADDRESS        through the portmapper
 *   reference auth|auth6 IPV4:PORT ADDRESS   to that port
 *   reference time N auth HOST ADDRESS       N times; prints seconds for each
 */
#include <arpa/inet.h>
#include <rpc/rpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "drac_rpc.h"

static char *message;

static CLIENT *create(char *server, u_long vers)
{
    struct sockaddr_in to;
    struct timeval wait = {15, 0};
    int sock = RPC_ANYSOCK;
    char host[64], *colon = strchr(server, ':');

    if (colon == NULL)
        return clnt_create(server, DRACPROG, vers, "udp");
    snprintf(host, sizeof host, "%.*s", (int)(colon - server), server);
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = inet_addr(host);
    to.sin_port = htons((unsigned short)atoi(colon + 1));
    return clntudp_create(&to, DRACPROG, vers, wait, &sock);
}

static int report(char *server, const char *address, int six)
{
    static char text[512];
    CLIENT *client = create(server, six ? DRACVERS6 : DRACVERS);
    addstat *result;
    addrec v4;
    addrec6 v6;
    int stat;

    if (client == NULL) {
        message = clnt_spcreateerror(server);
        return -1;
    }
    if (six) {
        inet_pton(AF_INET6, address, v6.ip_addr6);
        result = dracproc_add6_2(&v6, client);
    } else {
        v4.ip_addr = ntohl(inet_addr(address));
        result = dracproc_add_1(&v4, client);
    }
    message = "the server's answer";
    stat = result == NULL ? -2 : (int)*result;
    if (result == NULL) {
        snprintf(text, sizeof text, "%s", clnt_sperror(client, "call failed"));
        message = text;
    }
    clnt_destroy(client);
    return stat;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    int times = 1, i, result = 0;
    double start;

    if (argc > 2 && strcmp(argv[1], "time") == 0) {
        times = atoi(argv[2]);
        argv += 2;
        argc -= 2;
    }
    if (argc != 4)
        return 2;
    start = now();
    for (i = 0; i < times; i++)
        result = report(argv[2], argv[3], strcmp(argv[1], "auth6") == 0);
    if (times > 1)
        printf("%.9f\n", (now() - start) / times);
    else
        printf("%d\t%s\t%.0f\n", result, message, (now() - start) * 1e3);
    return 0;
}
