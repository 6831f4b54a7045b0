/*
 * A DRAC client as a C program makes it: stubs by rpcgen from libdrac/drac.x, transport by libtirpc.
 *
 *     drac-call HOST udp|tcp 1|2 ADDRESS [PORT]
 *
 * Without PORT the portmapper is asked (clnt_create), with it nobody is.
 * Prints the addstat as a number and exits 0; or prints what the library says on standard error and exits 1.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <rpc/rpc.h>
#include "drac.h"

static const struct timeval TRY = {1, 0};
static const struct timeval TOTAL = {10, 0};

static CLIENT *at_port(const char *host, const char *net, rpcvers_t version, const char *port)
{
    struct addrinfo hints, *found;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = strcmp(net, "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return NULL;
    int fd = socket(found->ai_family, found->ai_socktype, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
        perror("connect");
        exit(1);
    }
    struct netbuf address = {found->ai_addrlen, found->ai_addrlen, found->ai_addr};
    CLIENT *client = strcmp(net, "udp") == 0
        ? clnt_dg_create(fd, &address, DRACPROG, version, 0, 0)
        : clnt_vc_create(fd, &address, DRACPROG, version, 0, 0);
    freeaddrinfo(found);
    return client;
}

static addstat *add(CLIENT *client, const char *address)
{
    addrec v1;
    v1.ip_addr = ntohl(inet_addr(address));
    return dracproc_add_1(&v1, client);
}

static addstat *add6(CLIENT *client, const char *address)
{
    addrec6 v2;
    if (inet_pton(AF_INET6, address, v2.ip_addr6) != 1) {
        fprintf(stderr, "not an IPv6 address: %s\n", address);
        exit(1);
    }
    return dracproc_add6_2(&v2, client);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: drac-call HOST udp|tcp 1|2 ADDRESS [PORT]\n");
        return 64;
    }
    rpcvers_t version = atoi(argv[3]);
    CLIENT *client = argc > 5 ? at_port(argv[1], argv[2], version, argv[5])
                              : clnt_create(argv[1], DRACPROG, version, argv[2]);
    if (client == NULL) {
        clnt_pcreateerror("create");
        return 1;
    }
    clnt_control(client, CLSET_RETRY_TIMEOUT, (char *)&TRY);
    clnt_control(client, CLSET_TIMEOUT, (char *)&TOTAL);
    addstat *status = version == 1 ? add(client, argv[4]) : add6(client, argv[4]);
    if (status == NULL) {
        clnt_perror(client, "call");
        return 1;
    }
    printf("%d\n", (int)*status);
    return 0;
}
