/*
 * One host being told: its name is looked up, its portmapper asked, the call made. Nothing here waits; the caller polls
 * drac_delivery_fd for input, and steps each delivery when that shows something or its time has come.
 */
#ifndef DRAC_DELIVERY_H
#define DRAC_DELIVERY_H
#include "report.h"
#include "portmap.h"

enum drac_phase { DRAC_RESOLVING, DRAC_MAPPING, DRAC_CALLING, DRAC_DONE };

struct drac_delivery {
    struct drac_host host;
    uint32_t vers;
    const struct drac_client *client; /* NULL: find the server, tell it nothing */
    enum drac_phase phase;
    int from_memory;             /* the server was remembered; if it is no longer there, it is looked for again */
    struct drac_lookup *lookup;  /* while RESOLVING */
    struct drac_exchange exchange; /* while MAPPING and CALLING */
    enum drac_portmap_question question;
    struct drac_address server;
    int result; /* when DONE: 0, DRAC_NO_SERVER, DRAC_CALL_FAILED or the addstat */
    /* when DONE and result is below 0: */
    enum drac_rpc_status create_status;
    struct drac_rpc_error error;
};

void drac_delivery_start(struct drac_delivery *delivery, int64_t now);
void drac_delivery_step(struct drac_delivery *delivery, int64_t now);
void drac_delivery_time_out(struct drac_delivery *delivery);
int drac_delivery_fd(const struct drac_delivery *delivery);
/* When it wants to be stepped though nothing has come in; INT64_MAX for never. */
int64_t drac_delivery_wakes_at(const struct drac_delivery *delivery);
#endif
