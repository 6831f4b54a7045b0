/*
 * Load for any look-up protocol: requests with the answers they must have, one outstanding on each connection, and one
 * line of JSON about it.
 *
 *   --tcp PORT | --udp PORT | --unix PATH (127.0.0.1)   --pairs FILE   --connections N (1 to 1024)   --seconds S
 *   --reconnect 1: the server ends the connection after each answer
 *
 * FILE: for each pair the request and the answer, each after its length in four bytes, big-endian.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1024, MAX_PAIRS = 4096, IN_BYTES = 2048, WARMUP_MS = 300 };

struct bytes { const uint8_t *at; uint32_t length; };
struct connection { int fd; size_t pair, have; uint8_t in[IN_BYTES]; };

static struct connection connections[MAX_CONNECTIONS];
static struct { struct bytes request, answer; } pairs[MAX_PAIRS];
static size_t pair_count;
static const char *unix_path;
static int port, udp, reconnecting, poll_fd;
static uint32_t random_state = 1;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void read_pairs(const char *path)
{
    static uint8_t file[8 << 20];
    FILE *in = fopen(path, "rb");
    size_t length = in ? fread(file, 1, sizeof file, in) : 0;
    for (size_t at = 0; at + 4 < length && pair_count < MAX_PAIRS; pair_count++) {
        struct bytes *half[2] = { &pairs[pair_count].request, &pairs[pair_count].answer };
        for (int i = 0; i < 2; i++) {
            uint32_t size;
            memcpy(&size, file + at, 4);
            *half[i] = (struct bytes){ file + at + 4, ntohl(size) };
            at += 4 + half[i]->length;
        }
    }
    if (pair_count == 0)
        die(path);
}

static void open_connection(struct connection *connection)
{
    struct sockaddr_in inet = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
    int on = 1, fd = socket(unix_path ? AF_UNIX : AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (unix_path)
        snprintf(local.sun_path, sizeof local.sun_path, "%s", unix_path);
    else if (!udp)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while (connect(fd, unix_path ? (struct sockaddr *)&local : (struct sockaddr *)&inet,
                   unix_path ? sizeof local : sizeof inet) != 0)
        if (errno != EAGAIN)
            die("connect");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    connection->fd = fd;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void ask(struct connection *connection, int again)
{
    if (!again) {
        random_state = random_state * 1664525u + 1013904223u;
        connection->pair = (random_state >> 8) % pair_count;
    }
    connection->have = 0;
    struct bytes request = pairs[connection->pair].request;
    if (write(connection->fd, request.at, request.length) != (ssize_t)request.length)
        die("write");
}

/* Whether the answer is whole (and, with --reconnect, the connection ended). */
static int answered(struct connection *connection)
{
    size_t wanted = pairs[connection->pair].answer.length;
    ssize_t got = read(connection->fd, connection->in + connection->have, IN_BYTES - connection->have);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got < 0 || (got == 0 && !reconnecting))
        die("read");
    connection->have += (size_t)got;
    return reconnecting ? got == 0 : udp || connection->have >= wanted;
}

int main(int argc, char **argv)
{
    static struct epoll_event events[MAX_CONNECTIONS];
    double seconds = 2;
    int count = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--tcp") || !strcmp(argv[i], "--udp")) port = atoi(argv[i + 1]);
        if (!strcmp(argv[i], "--udp")) udp = 1;
        if (!strcmp(argv[i], "--unix")) unix_path = argv[i + 1];
        if (!strcmp(argv[i], "--pairs")) read_pairs(argv[i + 1]);
        if (!strcmp(argv[i], "--connections")) count = atoi(argv[i + 1]);
        if (!strcmp(argv[i], "--seconds")) seconds = atof(argv[i + 1]);
        if (!strcmp(argv[i], "--reconnect")) reconnecting = atoi(argv[i + 1]);
    }
    if (pair_count == 0 || count < 1 || count > MAX_CONNECTIONS)
        return 64;
    poll_fd = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        open_connection(&connections[i]);
        ask(&connections[i], 0);
    }
    double started = now_ms(), from = started + WARMUP_MS, until = from + seconds * 1e3, now = started;
    long counted = 0, wrong = 0, lost = 0;
    while (now < until) {
        int ready = epoll_wait(poll_fd, events, MAX_CONNECTIONS, 500);
        now = now_ms();
        for (int i = 0; ready == 0 && i < count; i++) { /* UDP: all were lost; ask again */
            lost++;
            ask(&connections[i], 1);
        }
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            struct bytes answer = pairs[connection->pair].answer;
            if (!answered(connection))
                continue;
            wrong += connection->have != answer.length || memcmp(connection->in, answer.at, answer.length) != 0;
            counted += now >= from;
            if (reconnecting) {
                close(connection->fd);
                open_connection(connection);
            }
            ask(connection, 0);
        }
    }
    printf("{\"perSecond\":%.1f,\"wrong\":%ld,\"lost\":%ld}\n", counted / seconds, wrong, lost);
    return 0;
}
