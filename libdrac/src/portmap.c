#include "portmap.h"

#define PMAPPROG 100000
#define PMAPVERS 2     /* RFC 1833 section 3 */
#define RPCBVERS4 4    /* RFC 1833 section 2.2 */
#define PROC_GETPORT 3 /* and GETADDR */
#define PROTO_UDP 17
#define MAX_UADDR_BYTES 256

void drac_portmap_put_call(struct drac_xdr_out *out, uint32_t xid, enum drac_portmap_question question, uint32_t prog,
                           uint32_t vers)
{
    if (question == DRAC_PORTMAP_GETPORT) { /* RFC 1833 section 3.1, mapping */
        drac_rpc_put_call(out, xid, PMAPPROG, PMAPVERS, PROC_GETPORT);
        drac_xdr_put_uint(out, prog);
        drac_xdr_put_uint(out, vers);
        drac_xdr_put_uint(out, PROTO_UDP);
        drac_xdr_put_uint(out, 0);
        return;
    }
    drac_rpc_put_call(out, xid, PMAPPROG, RPCBVERS4, PROC_GETPORT); /* RFC 1833 section 2.1, rpcb */
    drac_xdr_put_uint(out, prog);
    drac_xdr_put_uint(out, vers);
    drac_xdr_put_string(out, "udp6");
    drac_xdr_put_string(out, "");
    drac_xdr_put_string(out, "");
}

/* One to three digits that end at *end, at most 255; moves *end before them. -1 when there are none. */
static long take_octet_backwards(const unsigned char *text, uint32_t *end)
{
    long value = 0, unit = 1;
    uint32_t start = *end;

    while (start > 0 && *end - start < 3 && text[start - 1] >= '0' && text[start - 1] <= '9') {
        value += unit * (text[--start] - '0');
        unit *= 10;
    }
    if (start == *end || value > 255)
        return -1;
    *end = start;
    return value;
}

/*
 * RFC 5665 section 5.2.3.3: a universal address ends in `.high.low` of the port. The host part before it is not
 * believed: the answer goes to the host that was asked. 0 when there is no port in it.
 */
static unsigned port_of_uaddr(const unsigned char *uaddr, uint32_t length)
{
    uint32_t end = length;
    long low = take_octet_backwards(uaddr, &end), high;

    if (low < 0 || end == 0 || uaddr[--end] != '.')
        return 0;
    high = take_octet_backwards(uaddr, &end);
    if (high < 0 || end == 0 || uaddr[end - 1] != '.')
        return 0;
    return (unsigned)(high * 256 + low);
}

void drac_portmap_get_reply(const unsigned char *bytes, size_t length, enum drac_portmap_question question,
                            struct drac_rpc_error *error, unsigned *port)
{
    struct drac_xdr_in in = {bytes, length, 0};
    const unsigned char *uaddr;
    uint32_t number = 0, uaddr_length = 0;
    int decoded;

    *port = 0;
    drac_rpc_get_reply(&in, error);
    if (error->status != DRAC_RPC_SUCCESS)
        return;
    if (question == DRAC_PORTMAP_GETPORT) {
        decoded = drac_xdr_get_uint(&in, &number) && number <= 65535;
    } else {
        decoded = drac_xdr_get_opaque(&in, MAX_UADDR_BYTES, &uaddr, &uaddr_length);
        if (decoded && uaddr_length > 0) {
            number = port_of_uaddr(uaddr, uaddr_length);
            decoded = number != 0;
        }
    }
    *port = decoded ? number : 0;
    if (!decoded)
        error->status = DRAC_RPC_CANTDECODERES;
    else if (*port == 0)
        error->status = DRAC_RPC_PROGNOTREGISTERED;
}
