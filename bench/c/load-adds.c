/*
 * Load: DRAC adds with so many outstanding, over UDP (one socket) or TCP (one outstanding on each connection), and
 * one line of JSON about it. Every reply is checked whole; anything but ADD_SUCCESS is a wrong answer.
 *
 *   --transport udp|tcp   --port N (127.0.0.1)   --window N (1 to 1024)
 *   --mode renew          random entries of 0 .. size-1, for --seconds S after --warmup S that do not count
 *   --mode cycle          entries 0 .. size-1 in turn, again and again: with a table larger than what is added in a
 *                         second no entry is renewed twice in one, and so every add is something to write
 *   --mode fresh          entries first, first+1, ... : each new to the table
 *   --mode fill           each entry of first .. first+size-1 once, until all are acknowledged
 *   --size N  --first N  --seed N
 *
 * An add that is not answered in 2 s counts as lost; it is sent again under a new xid.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drac-wire.h"

enum { MAX_WINDOW = 1024, BATCH = 64, SLOT_BITS = 10 };
static const uint64_t LOST_AFTER_US = 2000000;

struct slot {
    uint32_t xid, entry;
    uint64_t sent_at;
    int busy, fd;
    size_t have;
    uint8_t in[MARK_BYTES + REPLY_BYTES];
};

static struct slot slots[MAX_WINDOW];
static const char *transport = "udp", *mode = "renew";
static double port, window = 1, size = 1000, first, seconds = 2, warmup = 0.3, seed = 1;
static uint32_t random_state, next_entry, generation;
static uint64_t answered, counted, lost, wrong, counting_since, stop_at;
static struct histogram latencies;

/* What the slot reports next; 0 when a fill has come to its end. */
static int choose_entry(struct slot *slot)
{
    if (strcmp(mode, "renew") == 0) {
        slot->entry = (uint32_t)(((uint64_t)next_random(&random_state) * (uint64_t)size) >> 32);
        return 1;
    }
    if (strcmp(mode, "fill") == 0 && next_entry == (uint32_t)first + (uint32_t)size)
        return 0;
    slot->entry = next_entry++;
    if (strcmp(mode, "cycle") == 0 && next_entry >= (uint32_t)size)
        next_entry = 0;
    return 1;
}

static void encode_call(struct slot *slot, uint8_t *at, uint64_t now)
{
    slot->xid = generation++ << SLOT_BITS | (uint32_t)(slot - slots);
    slot->sent_at = now;
    slot->busy = 1;
    encode_add(at, slot->xid, entry_address(slot->entry));
}

/* Judges one reply. The slot it frees, or NULL for a late or foreign one. */
static struct slot *take_reply(const uint8_t *reply, size_t length, uint64_t now)
{
    struct slot *slot;
    if (length < 4) {
        wrong++;
        return NULL;
    }
    slot = &slots[get32(reply) & (MAX_WINDOW - 1)];
    if (!slot->busy || slot->xid != get32(reply))
        return NULL;
    slot->busy = 0;
    if (!is_success(reply, length))
        wrong++;
    answered++;
    if (now >= counting_since && now < stop_at) {
        counted++;
        histogram_add(&latencies, now - slot->sent_at);
    }
    return slot;
}

static int connect_socket(int type)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1, bytes = 4 << 20, fd = socket(AF_INET, type, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    if (type == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int finished(uint64_t now) { return strcmp(mode, "fill") != 0 && now >= stop_at; }

/* Sends for each of `count` slots in as few system calls as the kernel takes them. */
static void send_datagrams(int fd, struct slot **ready, int count, uint64_t now)
{
    static uint8_t out[MAX_WINDOW][CALL_BYTES];
    static struct mmsghdr messages[MAX_WINDOW];
    static struct iovec parts[MAX_WINDOW];
    for (int i = 0; i < count; i++) {
        encode_call(ready[i], out[i], now);
        parts[i] = (struct iovec){ out[i], CALL_BYTES };
        messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
    }
    for (int sent = 0; sent < count;) {
        int n = sendmmsg(fd, messages + sent, (unsigned)(count - sent), 0);
        if (n < 0)
            die("sendmmsg");
        sent += n;
    }
}

static int receive_datagrams(int fd, struct slot **freed)
{
    static uint8_t in[BATCH][256];
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    int count = 0, got;
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){ in[i], sizeof in[i] };
        messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
    }
    got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
    uint64_t now = now_us();
    for (int i = 0; i < got; i++) {
        struct slot *slot = take_reply(in[i], messages[i].msg_len, now);
        if (slot != NULL)
            freed[count++] = slot;
    }
    return got < 0 && errno != EAGAIN && errno != EINTR ? -1 : count;
}

/* Slots whose call nobody answered: counted, and reported again. */
static int collect_lost(struct slot **freed, uint64_t now)
{
    int count = 0;
    for (int i = 0; i < (int)window; i++) {
        if (slots[i].busy && now - slots[i].sent_at > LOST_AFTER_US) {
            lost++;
            slots[i].busy = 0;
            freed[count++] = &slots[i];
        }
    }
    return count;
}

static void run_udp(void)
{
    static struct slot *ready[MAX_WINDOW], *fresh[MAX_WINDOW];
    int fd = connect_socket(SOCK_DGRAM), busy = 0, count = 0;
    uint64_t now = now_us(), looked = now;
    for (int i = 0; i < (int)window; i++)
        if (choose_entry(&slots[i]))
            ready[count++] = &slots[i];
    send_datagrams(fd, ready, count, now);
    busy = count;
    while (busy > 0) {
        struct pollfd polled = { .fd = fd, .events = POLLIN };
        poll(&polled, 1, 100);
        int freed = receive_datagrams(fd, ready);
        if (freed < 0)
            die("the responder is gone");
        busy -= freed;
        now = now_us();
        count = 0;
        for (int i = 0; i < freed && !finished(now); i++)
            if (choose_entry(ready[i]))
                fresh[count++] = ready[i];
        if (now - looked > 100000) {
            looked = now;
            int again = collect_lost(fresh + count, now);
            busy -= again;
            count = finished(now) ? 0 : count + again;
        }
        if (count > 0)
            send_datagrams(fd, fresh, count, now);
        busy += count;
    }
    close(fd);
}

static void send_record(struct slot *slot, uint64_t now)
{
    uint8_t out[MARK_BYTES + CALL_BYTES];
    put32(out, LAST_FRAGMENT | CALL_BYTES);
    encode_call(slot, out + MARK_BYTES, now);
    slot->have = 0;
    if (write(slot->fd, out, sizeof out) != sizeof out)
        die("write");
}

/* 1 when the slot's whole reply has come. */
static int receive_record(struct slot *slot)
{
    ssize_t got = read(slot->fd, slot->in + slot->have, sizeof slot->in - slot->have);
    if (got <= 0)
        die("the responder closed a connection");
    slot->have += (size_t)got;
    if (slot->have < sizeof slot->in)
        return 0;
    if (get32(slot->in) != (LAST_FRAGMENT | REPLY_BYTES) || take_reply(slot->in + MARK_BYTES, REPLY_BYTES, now_us()) != slot) {
        wrong++;
        slot->busy = 0;
    }
    return 1;
}

static void run_tcp(void)
{
    struct epoll_event events[BATCH];
    int poller = epoll_create1(0), busy = 0;
    for (int i = 0; i < (int)window; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &slots[i] };
        slots[i].fd = connect_socket(SOCK_STREAM);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, slots[i].fd, &event) != 0)
            die("epoll_ctl");
    }
    for (int i = 0; i < (int)window; i++) {
        if (!choose_entry(&slots[i]))
            continue;
        send_record(&slots[i], now_us());
        busy++;
    }
    while (busy > 0) {
        int got = epoll_wait(poller, events, BATCH, 10000);
        if (got <= 0) { /* 10 s without one reply: TCP loses nothing, so these will not come */
            lost += (uint64_t)busy;
            break;
        }
        for (int i = 0; i < got; i++) {
            struct slot *slot = events[i].data.ptr;
            if (!receive_record(slot))
                continue;
            uint64_t now = now_us();
            if (!finished(now) && choose_entry(slot))
                send_record(slot, now);
            else
                busy--;
        }
    }
    for (int i = 0; i < (int)window; i++)
        close(slots[i].fd);
}

int main(int argc, char **argv)
{
    const struct option_row rows[] = {
        { "--transport", &transport, NULL }, { "--mode", &mode, NULL },      { "--port", NULL, &port },
        { "--window", NULL, &window },       { "--size", NULL, &size },      { "--first", NULL, &first },
        { "--seconds", NULL, &seconds },     { "--warmup", NULL, &warmup },  { "--seed", NULL, &seed },
        { NULL, NULL, NULL }
    };
    read_options(argc, argv, rows);
    if (window < 1 || window > MAX_WINDOW)
        return 64;
    random_state = (uint32_t)seed * 2654435761u + (uint32_t)getpid() + 1;
    generation = random_state; /* a run from a port that an earlier run had must not repeat that run's xids */
    next_entry = (uint32_t)first;
    uint64_t began = now_us();
    int fill = strcmp(mode, "fill") == 0;
    counting_since = fill ? began : began + (uint64_t)(warmup * 1e6);
    stop_at = fill ? UINT64_MAX : counting_since + (uint64_t)(seconds * 1e6);
    if (strcmp(transport, "udp") == 0)
        run_udp();
    else
        run_tcp();
    double took = fill ? (double)(now_us() - began) / 1e6 : seconds;
    printf("{\"answered\":%llu,\"perSecond\":%.1f,\"p50\":%u,\"p99\":%u,\"max\":%u,\"lost\":%llu,\"wrong\":%llu,"
           "\"seconds\":%.3f,\"next\":%u}\n",
           (unsigned long long)answered, (double)counted / took, histogram_quantile(&latencies, 0.5),
           histogram_quantile(&latencies, 0.99), latencies.max, (unsigned long long)lost, (unsigned long long)wrong, took,
           next_entry);
    return 0;
}
