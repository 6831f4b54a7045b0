/*
 * A DRAC server made by rpcgen and libtirpc, without a portmapper, for test/interop/rpc-client.test.ts.
 * Listens on 127.0.0.1, prints `udp PORT`, `tcp PORT` and then `VERSION ADDRESS` for each report. What it answers is in
 * the address: 203.0.113.N and 2001:db8:113::N get addstat N, all others ADD_SUCCESS. Ends with standard input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "drac.h"

/* rpcgen -m makes these. */
void dracprog_1(struct svc_req *request, SVCXPRT *transport);
void dracprog_2(struct svc_req *request, SVCXPRT *transport);

addstat *dracproc_add_1_svc(addrec *arg, struct svc_req *request) {
    static addstat result;
    char text[INET_ADDRSTRLEN];
    struct in_addr address = { htonl(arg->ip_addr) };
    (void)request;
    printf("1 %s\n", inet_ntop(AF_INET, &address, text, sizeof text));
    result = arg->ip_addr >> 8 == 0xcb0071 ? (addstat)(arg->ip_addr & 3) : ADD_SUCCESS;
    return &result;
}

addstat *dracproc_add6_2_svc(addrec6 *arg, struct svc_req *request) {
    static addstat result;
    static const unsigned char net[6] = { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x13 };
    char text[INET6_ADDRSTRLEN];
    (void)request;
    printf("2 %s\n", inet_ntop(AF_INET6, arg->ip_addr6, text, sizeof text));
    result = memcmp(arg->ip_addr6, net, sizeof net) == 0 ? (addstat)(arg->ip_addr6[15] & 3) : ADD_SUCCESS;
    return &result;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int bound(int type) {
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, type, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0) die("bind");
    if (type == SOCK_STREAM && listen(fd, 64) < 0) die("listen");
    if (getsockname(fd, (struct sockaddr *)&at, &size) < 0) die("getsockname");
    printf("%s %d\n", type == SOCK_STREAM ? "tcp" : "udp", ntohs(at.sin_port));
    return fd;
}

static void serve(SVCXPRT *transport) {
    /* Protocol 0: not registered with a portmapper. */
    if (!transport || !svc_register(transport, DRACPROG, DRACVERS, dracprog_1, 0) ||
        !svc_register(transport, DRACPROG, DRACVERS6, dracprog_2, 0)) {
        fprintf(stderr, "cannot serve\n");
        exit(1);
    }
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    serve(svcudp_create(bound(SOCK_DGRAM)));
    serve(svctcp_create(bound(SOCK_STREAM), 0, 0));
    for (;;) {
        struct pollfd fds[FD_SETSIZE];
        int count = svc_max_pollfd;
        memcpy(fds, svc_pollfd, count * sizeof *fds);
        fds[count] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
        int ready = poll(fds, count + 1, -1);
        if (ready < 0) die("poll");
        if (fds[count].revents) return 0;
        svc_getreq_poll(fds, ready);
    }
}
