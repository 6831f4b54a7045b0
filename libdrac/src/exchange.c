#include "exchange.h"
#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#include "socket.h"

#define FIRST_INTERVAL_MS 250

/* RFC 5531 section 9 asks only that it differ from call to call; that it cannot be guessed keeps forged replies out. */
static uint32_t new_xid(void)
{
    uint32_t xid;
    struct timespec now;

    if (getentropy(&xid, sizeof xid) == 0)
        return xid;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint32_t)now.tv_nsec ^ (uint32_t)now.tv_sec << 12 ^ (uint32_t)getpid() << 20;
}

static int fail(struct drac_rpc_error *error, enum drac_rpc_status status)
{
    memset(error, 0, sizeof *error);
    error->status = status;
    error->errnum = errno;
    return 0;
}

int drac_exchange_open(struct drac_exchange *exchange, const struct drac_address *server, struct drac_xdr_out *out,
                       struct drac_rpc_error *error)
{
    memset(exchange, 0, sizeof *exchange);
    memset(out, 0, sizeof *out);
    exchange->fd = drac_socket(server->bytes.ss_family, SOCK_DGRAM);
    if (exchange->fd < 0)
        return fail(error, DRAC_RPC_SYSTEMERROR);
    if (connect(exchange->fd, (const struct sockaddr *)&server->bytes, server->length) != 0) {
        fail(error, DRAC_RPC_CANTSEND);
        drac_exchange_close(exchange);
        return 0;
    }
    exchange->xid = new_xid();
    out->bytes = exchange->call;
    out->size = sizeof exchange->call;
    return 1;
}

void drac_exchange_begin(struct drac_exchange *exchange, const struct drac_xdr_out *out, int64_t now)
{
    exchange->call_length = out->used;
    exchange->send_at = now;
    exchange->interval_ms = FIRST_INTERVAL_MS;
}

static int is_passing(int errnum)
{
    return errnum == EAGAIN || errnum == EWOULDBLOCK || errnum == EINTR || errnum == ENOBUFS || errnum == ENOMEM;
}

/*
 * On a connected UDP socket send can fail for what became of the datagram before it ("port unreachable"): that is
 * reported as the failure to receive that it is.
 */
static int send_call(struct drac_exchange *exchange, int64_t now, struct drac_rpc_error *error)
{
    exchange->send_at = now + exchange->interval_ms;
    exchange->interval_ms *= 2;
    if (send(exchange->fd, exchange->call, exchange->call_length, MSG_NOSIGNAL) >= 0 || is_passing(errno))
        return 1;
    return fail(error, errno == ECONNREFUSED ? DRAC_RPC_CANTRECV : DRAC_RPC_CANTSEND);
}

enum drac_exchange_result drac_exchange_step(struct drac_exchange *exchange, int64_t now,
                                             unsigned char reply[DRAC_RPC_MAX_REPLY], size_t *length,
                                             struct drac_rpc_error *error)
{
    ssize_t received;

    if (now >= exchange->send_at && !send_call(exchange, now, error))
        return DRAC_EXCHANGE_FAILED;
    received = recv(exchange->fd, reply, DRAC_RPC_MAX_REPLY, 0);
    if (received < 0) {
        if (is_passing(errno))
            return DRAC_EXCHANGE_WAITING;
        fail(error, DRAC_RPC_CANTRECV);
        return DRAC_EXCHANGE_FAILED;
    }
    *length = (size_t)received;
    return drac_rpc_is_reply_to(reply, *length, exchange->xid) ? DRAC_EXCHANGE_REPLIED : DRAC_EXCHANGE_WAITING;
}

void drac_exchange_close(struct drac_exchange *exchange)
{
    if (exchange->fd >= 0)
        close(exchange->fd);
    exchange->fd = -1;
}
