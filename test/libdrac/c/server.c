/*
 * A DRAC server by rpcgen and libtirpc from drac.x. Prints "ready UDPPORT TCPPORT", then a line for each add: the
 * address. Answers ADD_PERM to 192.0.2.66. With -p it registers with the portmapper.
 */
#include <arpa/inet.h>
#include <rpc/pmap_clnt.h>
#include <rpc/rpc.h>
#include <stdio.h>
#include <string.h>
#include "drac_rpc.h"

void dracprog_1(struct svc_req *request, SVCXPRT *transport);
void dracprog_2(struct svc_req *request, SVCXPRT *transport);

addstat *dracproc_add_1_svc(addrec *record, struct svc_req *request)
{
    static addstat stat;
    struct in_addr address;

    (void)request;
    address.s_addr = htonl(record->ip_addr);
    puts(inet_ntoa(address));
    stat = record->ip_addr == 0xc0000242U ? ADD_PERM : ADD_SUCCESS;
    return &stat;
}

addstat *dracproc_add6_2_svc(addrec6 *record, struct svc_req *request)
{
    static addstat stat = ADD_SUCCESS;
    char text[INET6_ADDRSTRLEN];

    (void)request;
    puts(inet_ntop(AF_INET6, record->ip_addr6, text, sizeof text));
    return &stat;
}

int main(int argc, char **argv)
{
    SVCXPRT *udp = svcudp_create(RPC_ANYSOCK), *tcp = svctcp_create(RPC_ANYSOCK, 0, 0);
    int registered = argc > 1 && strcmp(argv[1], "-p") == 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (udp == NULL || tcp == NULL)
        return 1;
    if (registered) {
        pmap_unset(DRACPROG, DRACVERS);
        pmap_unset(DRACPROG, DRACVERS6);
    }
    if (!svc_register(udp, DRACPROG, DRACVERS, dracprog_1, registered ? IPPROTO_UDP : 0) ||
        !svc_register(udp, DRACPROG, DRACVERS6, dracprog_2, registered ? IPPROTO_UDP : 0) ||
        !svc_register(tcp, DRACPROG, DRACVERS, dracprog_1, registered ? IPPROTO_TCP : 0) ||
        !svc_register(tcp, DRACPROG, DRACVERS6, dracprog_2, registered ? IPPROTO_TCP : 0))
        return 1;
    printf("ready %d %d\n", udp->xp_port, tcp->xp_port);
    svc_run();
    return 1;
}
