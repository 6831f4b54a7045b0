#include "add.h"
#include "../drac.h"
#include <string.h>

struct drac_client drac_client_from_ipv4(unsigned long userip)
{
    struct drac_client client = {(uint32_t)DRACVERS, {0}};
    uint32_t network_order = (uint32_t)userip;

    memcpy(client.octets, &network_order, 4);
    return client;
}

struct drac_client drac_client_from_ipv6(const unsigned char userip[16])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct drac_client client = {(uint32_t)DRACVERS6, {0}};

    if (memcmp(userip, mapped, sizeof mapped) == 0) {
        client.vers = (uint32_t)DRACVERS;
        memcpy(client.octets, userip + sizeof mapped, 4);
    } else {
        memcpy(client.octets, userip, 16);
    }
    return client;
}

/*
 * Version 1: the address as a number. Version 2: `char ip_addr6[16]`, which rpcgen sends as 16 ints, so 64 octets;
 * octets of 0x80 and more go out sign-extended, as a C sender on amd64 has always sent them.
 */
void drac_add_put_call(struct drac_xdr_out *out, uint32_t xid, const struct drac_client *client)
{
    const unsigned char *octets = client->octets;
    int i;

    drac_rpc_put_call(out, xid, (uint32_t)DRACPROG, client->vers, (uint32_t)DRACPROC_ADD);
    if (client->vers == DRACVERS) {
        drac_xdr_put_uint(out, (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
                                   (uint32_t)octets[3]);
        return;
    }
    for (i = 0; i < 16; i++)
        drac_xdr_put_uint(out, octets[i] < 0x80 ? octets[i] : 0xffffff00U | octets[i]);
}

void drac_add_get_reply(const unsigned char *bytes, size_t length, struct drac_rpc_error *error, int *stat)
{
    struct drac_xdr_in in = {bytes, length, 0};
    uint32_t value = ADD_UNKOWN;

    drac_rpc_get_reply(&in, error);
    if (error->status == DRAC_RPC_SUCCESS && !drac_xdr_get_uint(&in, &value))
        error->status = DRAC_RPC_CANTDECODERES;
    *stat = value <= ADD_UNKOWN ? (int)value : ADD_UNKOWN;
}
