#include "delivery.h"
#include <limits.h>
#include <string.h>
#include "../drac.h"
#include "remembered.h"

static void end_with(struct drac_delivery *delivery, int result)
{
    delivery->phase = DRAC_DONE;
    delivery->result = result;
}

static void no_server(struct drac_delivery *delivery, enum drac_rpc_status status)
{
    delivery->create_status = status;
    end_with(delivery, DRAC_NO_SERVER);
}

static void call(struct drac_delivery *delivery, int64_t now)
{
    struct drac_xdr_out out;

    if (delivery->client == NULL) {
        end_with(delivery, 0);
        return;
    }
    if (!drac_exchange_open(&delivery->exchange, &delivery->server, &out, &delivery->error)) {
        if (delivery->error.status == DRAC_RPC_SYSTEMERROR) /* no socket to be had: the original had no client then */
            no_server(delivery, DRAC_RPC_SYSTEMERROR);
        else
            end_with(delivery, DRAC_CALL_FAILED);
        return;
    }
    drac_add_put_call(&out, delivery->exchange.xid, delivery->client);
    drac_exchange_begin(&delivery->exchange, &out, now);
    delivery->phase = DRAC_CALLING;
    drac_delivery_step(delivery, now);
}

static void ask_portmapper(struct drac_delivery *delivery, enum drac_portmap_question question, int64_t now)
{
    struct drac_xdr_out out;

    drac_address_set_port(&delivery->server, DRAC_PORTMAP_PORT);
    if (!drac_exchange_open(&delivery->exchange, &delivery->server, &out, &delivery->error)) {
        no_server(delivery, DRAC_RPC_PMAPFAILURE);
        return;
    }
    drac_portmap_put_call(&out, delivery->exchange.xid, question, (uint32_t)DRACPROG, delivery->vers);
    drac_exchange_begin(&delivery->exchange, &out, now);
    delivery->question = question;
    delivery->phase = DRAC_MAPPING;
    drac_delivery_step(delivery, now);
}

static void found(struct drac_delivery *delivery, unsigned port, int64_t now)
{
    drac_address_set_port(&delivery->server, port);
    drac_remember(&delivery->host, delivery->vers, &delivery->server);
    call(delivery, now);
}

static void resolved(struct drac_delivery *delivery, int64_t now)
{
    if (delivery->server.length == 0)
        no_server(delivery, DRAC_RPC_UNKNOWNHOST);
    else if (delivery->host.port != 0)
        found(delivery, delivery->host.port, now);
    else
        ask_portmapper(delivery,
                       delivery->server.bytes.ss_family == AF_INET6 ? DRAC_PORTMAP_GETADDR : DRAC_PORTMAP_GETPORT, now);
}

static void resolve(struct drac_delivery *delivery, int64_t now)
{
    delivery->phase = DRAC_RESOLVING;
    if (drac_lookup_start(delivery->host.name, &delivery->lookup, &delivery->server))
        resolved(delivery, now);
}

void drac_delivery_start(struct drac_delivery *delivery, int64_t now)
{
    delivery->exchange.fd = -1;
    memset(&delivery->error, 0, sizeof delivery->error);
    if (!delivery->host.valid) {
        no_server(delivery, DRAC_RPC_UNKNOWNHOST);
        return;
    }
    delivery->from_memory = drac_recall(&delivery->host, delivery->vers, &delivery->server);
    if (delivery->from_memory)
        call(delivery, now);
    else
        resolve(delivery, now);
}

static void step_mapping(struct drac_delivery *delivery, int64_t now)
{
    unsigned char reply[DRAC_RPC_MAX_REPLY];
    size_t length;
    unsigned port = 0;
    enum drac_exchange_result result = drac_exchange_step(&delivery->exchange, now, reply, &length, &delivery->error);

    if (result == DRAC_EXCHANGE_WAITING)
        return;
    drac_exchange_close(&delivery->exchange);
    if (result == DRAC_EXCHANGE_REPLIED)
        drac_portmap_get_reply(reply, length, delivery->question, &delivery->error, &port);
    if (port != 0)
        found(delivery, port, now);
    else if (result == DRAC_EXCHANGE_REPLIED && delivery->question == DRAC_PORTMAP_GETADDR)
        ask_portmapper(delivery, DRAC_PORTMAP_GETPORT, now); /* an old portmapper, or a server registered the old way */
    else if (delivery->error.status == DRAC_RPC_PROGNOTREGISTERED)
        no_server(delivery, DRAC_RPC_PROGNOTREGISTERED);
    else
        no_server(delivery, DRAC_RPC_PMAPFAILURE);
}

/* Does it look as if the server has moved to another port, or another program has its port now? */
static int has_moved(const struct drac_rpc_error *error)
{
    return error->status == DRAC_RPC_CANTRECV || error->status == DRAC_RPC_PROGUNAVAIL ||
           error->status == DRAC_RPC_PROGVERSMISMATCH;
}

static void call_failed(struct drac_delivery *delivery, int64_t now)
{
    drac_forget(&delivery->host, delivery->vers);
    if (delivery->from_memory && has_moved(&delivery->error)) {
        delivery->from_memory = 0;
        resolve(delivery, now);
        return;
    }
    end_with(delivery, DRAC_CALL_FAILED);
}

static void step_calling(struct drac_delivery *delivery, int64_t now)
{
    unsigned char reply[DRAC_RPC_MAX_REPLY];
    size_t length;
    int stat = ADD_UNKOWN;
    enum drac_exchange_result result = drac_exchange_step(&delivery->exchange, now, reply, &length, &delivery->error);

    if (result == DRAC_EXCHANGE_WAITING)
        return;
    drac_exchange_close(&delivery->exchange);
    if (result == DRAC_EXCHANGE_REPLIED)
        drac_add_get_reply(reply, length, &delivery->error, &stat);
    if (result == DRAC_EXCHANGE_REPLIED && delivery->error.status == DRAC_RPC_SUCCESS)
        end_with(delivery, stat);
    else
        call_failed(delivery, now);
}

void drac_delivery_step(struct drac_delivery *delivery, int64_t now)
{
    switch (delivery->phase) {
    case DRAC_RESOLVING:
        drac_lookup_end(delivery->lookup, &delivery->server);
        delivery->lookup = NULL;
        resolved(delivery, now);
        break;
    case DRAC_MAPPING:
        step_mapping(delivery, now);
        break;
    case DRAC_CALLING:
        step_calling(delivery, now);
        break;
    case DRAC_DONE:
        break;
    }
}

void drac_delivery_time_out(struct drac_delivery *delivery)
{
    if (delivery->phase == DRAC_DONE)
        return;
    memset(&delivery->error, 0, sizeof delivery->error);
    delivery->error.status = DRAC_RPC_TIMEDOUT;
    drac_exchange_close(&delivery->exchange);
    if (delivery->phase == DRAC_RESOLVING) {
        drac_lookup_end(delivery->lookup, &delivery->server);
        delivery->lookup = NULL;
        no_server(delivery, DRAC_RPC_UNKNOWNHOST);
    } else if (delivery->phase == DRAC_MAPPING) {
        no_server(delivery, DRAC_RPC_PMAPFAILURE);
    } else if (delivery->phase == DRAC_CALLING) {
        drac_forget(&delivery->host, delivery->vers);
        end_with(delivery, DRAC_CALL_FAILED);
    }
}

int drac_delivery_fd(const struct drac_delivery *delivery)
{
    return delivery->phase == DRAC_RESOLVING ? drac_lookup_fd(delivery->lookup) : delivery->exchange.fd;
}

int64_t drac_delivery_wakes_at(const struct drac_delivery *delivery)
{
    return delivery->phase == DRAC_MAPPING || delivery->phase == DRAC_CALLING ? delivery->exchange.send_at : INT64_MAX;
}
