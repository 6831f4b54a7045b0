/* The DRAC program itself: its calls and its result. drac.x describes them. */
#ifndef DRAC_ADD_H
#define DRAC_ADD_H
#include "rpc.h"

/* A client's address: version 1 carries 4 octets, version 2 carries 16, both in network order. */
struct drac_client {
    uint32_t vers;
    unsigned char octets[16];
};

/* inet_addr(3)'s number; callers without a prototype leave garbage above its 32 bits. */
struct drac_client drac_client_from_ipv4(unsigned long userip);
/* 16 octets; an IPv4-mapped address (RFC 4291 section 2.5.5.2) becomes the IPv4 client that it is. */
struct drac_client drac_client_from_ipv6(const unsigned char userip[16]);

void drac_add_put_call(struct drac_xdr_out *out, uint32_t xid, const struct drac_client *client);

/* Reads the whole reply; on SUCCESS *stat is 0 to 3, whatever number the server sent. */
void drac_add_get_reply(const unsigned char *bytes, size_t length, struct drac_rpc_error *error, int *stat);
#endif
