/* One call over UDP: a datagram sent, and sent again, until its answer comes. */
#ifndef DRAC_EXCHANGE_H
#define DRAC_EXCHANGE_H
#include "resolve.h"
#include "rpc.h"

struct drac_exchange {
    int fd; /* -1: closed */
    uint32_t xid;
    unsigned char call[DRAC_RPC_MAX_CALL];
    size_t call_length;
    int64_t send_at; /* when to send (again) */
    int interval_ms; /* doubles with each time */
};

enum drac_exchange_result { DRAC_EXCHANGE_WAITING, DRAC_EXCHANGE_REPLIED, DRAC_EXCHANGE_FAILED };

/*
 * Opens a socket that hears `server` alone and starts a call in `out`, whose arguments the caller then appends before
 * drac_exchange_begin. 0 with error set when there is no way to that server.
 */
int drac_exchange_open(struct drac_exchange *exchange, const struct drac_address *server, struct drac_xdr_out *out,
                       struct drac_rpc_error *error);
void drac_exchange_begin(struct drac_exchange *exchange, const struct drac_xdr_out *out, int64_t now);

/* Sends when it is time to, and reads one datagram when there is one. REPLIED: it is ours, and in reply[0..*length]. */
enum drac_exchange_result drac_exchange_step(struct drac_exchange *exchange, int64_t now,
                                             unsigned char reply[DRAC_RPC_MAX_REPLY], size_t *length,
                                             struct drac_rpc_error *error);
void drac_exchange_close(struct drac_exchange *exchange);
#endif
