#include "report.h"
#include <poll.h>
#include <string.h>
#include "clock.h"
#include "delivery.h"
#include "message.h"

static int count_pending(const struct drac_delivery *deliveries, int count)
{
    int i, pending = 0;

    for (i = 0; i < count; i++)
        pending += deliveries[i].phase != DRAC_DONE;
    return pending;
}

/* Waits until something has come in, is to be sent again, or time is up. */
static void wait_for(const struct drac_delivery *deliveries, int count, struct pollfd *polled, int64_t deadline)
{
    int64_t wake = deadline, now = drac_clock_ms();
    int i;

    for (i = 0; i < count; i++) {
        int done = deliveries[i].phase == DRAC_DONE;

        polled[i].fd = done ? -1 : drac_delivery_fd(&deliveries[i]); /* poll(2) skips what is below 0 */
        polled[i].events = POLLIN;
        polled[i].revents = 0;
        if (!done && drac_delivery_wakes_at(&deliveries[i]) < wake)
            wake = drac_delivery_wakes_at(&deliveries[i]);
    }
    if (poll(polled, (nfds_t)count, wake > now ? (int)(wake - now) : 0) < 0)
        for (i = 0; i < count; i++)
            polled[i].revents = 0; /* a signal of the caller's; the time is looked at again */
}

static void run(struct drac_delivery *deliveries, int count, int64_t deadline)
{
    struct pollfd polled[DRAC_MAX_HOSTS];
    int64_t now;
    int i;

    for (i = 0; i < count; i++)
        drac_delivery_start(&deliveries[i], drac_clock_ms());
    while (count_pending(deliveries, count) > 0 && drac_clock_ms() < deadline) {
        wait_for(deliveries, count, polled, deadline);
        now = drac_clock_ms();
        for (i = 0; i < count; i++)
            if (polled[i].revents != 0 || drac_delivery_wakes_at(&deliveries[i]) <= now)
                drac_delivery_step(&deliveries[i], now);
    }
    for (i = 0; i < count; i++)
        drac_delivery_time_out(&deliveries[i]);
}

/* 0 is best; then a server that answered, one that was called, one that was never found. */
static int furthest(const struct drac_delivery *deliveries, int count)
{
    static const int order[] = {0, 1, 2, 3, DRAC_CALL_FAILED, DRAC_NO_SERVER};
    size_t rank;
    int i;

    for (rank = 0; rank < sizeof order / sizeof order[0]; rank++)
        for (i = 0; i < count; i++)
            if (deliveries[i].result == order[rank])
                return i;
    return 0;
}

static void explain(const struct drac_delivery *delivery, int several, struct drac_text *message)
{
    if (delivery->result == DRAC_NO_SERVER) {
        drac_message_add_create_error(message, delivery->host.text, delivery->create_status, &delivery->error);
        return;
    }
    if (several && delivery->result != 0) {
        drac_text_add(message, delivery->host.text);
        drac_text_add(message, ": ");
    }
    if (delivery->result == DRAC_CALL_FAILED)
        drac_message_add_call_error(message, &delivery->error);
    else
        drac_text_add(message, drac_message_of_addstat(delivery->result));
}

int drac_report(const char *list, uint32_t vers, const struct drac_client *client, long timeout_ms,
                struct drac_text *message)
{
    struct drac_host hosts[DRAC_MAX_HOSTS];
    struct drac_delivery deliveries[DRAC_MAX_HOSTS];
    int count = drac_hosts_parse(list, strlen(list), hosts), i, best;

    if (count <= 0) {
        drac_text_add(message, count == 0 ? "" : "more than 16 hosts");
        drac_text_add(message, ": ");
        drac_text_add(message, drac_message_of_status(DRAC_RPC_UNKNOWNHOST));
        return DRAC_NO_SERVER;
    }
    for (i = 0; i < count; i++) {
        memset(&deliveries[i], 0, sizeof deliveries[i]);
        deliveries[i].host = hosts[i];
        deliveries[i].vers = vers;
        deliveries[i].client = client;
    }
    run(deliveries, count, drac_clock_ms() + timeout_ms);
    best = furthest(deliveries, count);
    explain(&deliveries[best], count > 1, message);
    return deliveries[best].result;
}
