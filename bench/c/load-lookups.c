/*
 * Load: socketmap look-ups (netstrings, socketmap_table(5)), one outstanding on each connection, and one line of JSON
 * about it. Half of them ask for an entry below --size, which must be answered "OK OK", half for one that was never
 * added, which must be "NOTFOUND "; with --expect echo every answer must be its own question.
 *
 *   --socket PATH | --port N (127.0.0.1)   --connections N (1 to 1024)   --size N   --expect table|echo
 *   --seconds S after --warmup S that do not count   --seed N
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "drac-wire.h"

enum { MAX_CONNECTIONS = 1024, IN_BYTES = 128 };

struct connection {
    int fd;
    uint64_t sent_at;
    size_t wanted_bytes, have;
    char wanted[IN_BYTES], in[IN_BYTES];
};

static struct connection open_connections[MAX_CONNECTIONS];
static const char *socket_path, *expect = "table";
static double port, connection_count = 1, size = 1000, seconds = 2, warmup = 0.3, seed = 1;
static uint32_t random_state;
static uint64_t answered, counted, wrong, counting_since, stop_at;
static struct histogram latencies;

static int connect_stream(void)
{
    struct sockaddr_in inet = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    int on = 1, fd = socket(socket_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    if (socket_path)
        snprintf(local.sun_path, sizeof local.sun_path, "%s", socket_path);
    else
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd < 0 || (socket_path ? connect(fd, (struct sockaddr *)&local, sizeof local)
                               : connect(fd, (struct sockaddr *)&inet, sizeof inet)) != 0)
        die("connect");
    return fd;
}

static void ask(struct connection *connection)
{
    char request[IN_BYTES], payload[64];
    uint32_t random = next_random(&random_state);
    int hit = (random >> 8) & 1;
    uint32_t entry = (uint32_t)(((uint64_t)next_random(&random_state) * (uint64_t)size) >> 32);
    uint32_t a = entry_address(hit ? entry : NEVER_ADDED + entry);
    int payload_bytes = snprintf(payload, sizeof payload, "drac %u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
    int bytes = snprintf(request, sizeof request, "%d:%s,", payload_bytes, payload);
    const char *wanted = strcmp(expect, "echo") == 0 ? request : hit ? "5:OK OK," : "9:NOTFOUND ,";
    connection->wanted_bytes = strlen(wanted);
    memcpy(connection->wanted, wanted, connection->wanted_bytes);
    connection->have = 0;
    connection->sent_at = now_us();
    if (write(connection->fd, request, (size_t)bytes) != bytes)
        die("write");
}

/* 1 when a whole answer has come; it need not be the wanted one to be whole. */
static int hear(struct connection *connection)
{
    ssize_t got = read(connection->fd, connection->in + connection->have, IN_BYTES - connection->have);
    if (got <= 0)
        die("the server closed a connection");
    connection->have += (size_t)got;
    char *colon = memchr(connection->in, ':', connection->have);
    if (colon == NULL)
        return 0;
    size_t whole = (size_t)(colon - connection->in) + 1 + (size_t)atoi(connection->in) + 1;
    if (connection->have < whole)
        return 0;
    if (connection->have != connection->wanted_bytes || memcmp(connection->in, connection->wanted, connection->have) != 0) {
        if (wrong++ == 0)
            fprintf(stderr, "wanted %.*s, got %.*s\n", (int)connection->wanted_bytes, connection->wanted,
                    (int)connection->have, connection->in);
    }
    uint64_t now = now_us();
    answered++;
    if (now >= counting_since && now < stop_at) {
        counted++;
        histogram_add(&latencies, now - connection->sent_at);
    }
    return 1;
}

int main(int argc, char **argv)
{
    const struct option_row rows[] = {
        { "--socket", &socket_path, NULL },  { "--expect", &expect, NULL },
        { "--port", NULL, &port },           { "--connections", NULL, &connection_count },
        { "--size", NULL, &size },           { "--seconds", NULL, &seconds },
        { "--warmup", NULL, &warmup },       { "--seed", NULL, &seed },
        { NULL, NULL, NULL }
    };
    struct epoll_event events[64];
    int poller = epoll_create1(0), busy;
    read_options(argc, argv, rows);
    if (connection_count < 1 || connection_count > MAX_CONNECTIONS)
        return 64;
    random_state = (uint32_t)seed * 2654435761u + (uint32_t)getpid() + 1;
    counting_since = now_us() + (uint64_t)(warmup * 1e6);
    stop_at = counting_since + (uint64_t)(seconds * 1e6);
    busy = (int)connection_count;
    for (int i = 0; i < busy; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &open_connections[i] };
        open_connections[i].fd = connect_stream();
        if (epoll_ctl(poller, EPOLL_CTL_ADD, open_connections[i].fd, &event) != 0)
            die("epoll_ctl");
    }
    for (int i = 0; i < busy; i++)
        ask(&open_connections[i]);
    while (busy > 0) {
        int got = epoll_wait(poller, events, 64, 10000);
        if (got <= 0)
            break;
        for (int i = 0; i < got; i++) {
            if (!hear(events[i].data.ptr))
                continue;
            if (now_us() < stop_at)
                ask(events[i].data.ptr);
            else
                busy--;
        }
    }
    printf("{\"answered\":%llu,\"perSecond\":%.1f,\"p50\":%u,\"p99\":%u,\"max\":%u,\"lost\":%d,\"wrong\":%llu}\n",
           (unsigned long long)answered, (double)counted / seconds,
           histogram_quantile(&latencies, 0.5), histogram_quantile(&latencies, 0.99), latencies.max, busy,
           (unsigned long long)wrong);
    return 0;
}
