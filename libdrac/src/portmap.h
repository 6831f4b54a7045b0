/* RFC 1833: asking which port a program has. Pure functions over bytes. */
#ifndef DRAC_PORTMAP_H
#define DRAC_PORTMAP_H
#include "rpc.h"

#define DRAC_PORTMAP_PORT 111

/*
 * Version 2's GETPORT knows IPv4 only (and answers for it even when asked over IPv6); version 4's GETADDR answers for
 * the transport that the question came over.
 */
enum drac_portmap_question { DRAC_PORTMAP_GETPORT, DRAC_PORTMAP_GETADDR };

void drac_portmap_put_call(struct drac_xdr_out *out, uint32_t xid, enum drac_portmap_question question, uint32_t prog,
                           uint32_t vers);

/* On SUCCESS *port is 1 to 65535. A program that is not registered is PROGNOTREGISTERED. */
void drac_portmap_get_reply(const unsigned char *bytes, size_t length, enum drac_portmap_question question,
                            struct drac_rpc_error *error, unsigned *port);
#endif
