/*
 * Yardstick: answers each netstring with itself, over a unix socket or TCP on a loopback port of the system's choice.
 * Prints "ready PORT" (0 for a unix socket) and serves until it is killed. One thread, epoll.
 *
 *   --socket PATH
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "drac-wire.h"

enum { MAX_FD = 4096, IN_BYTES = 256 };

struct connection {
    size_t have;
    char in[IN_BYTES];
};

/* Echoes every whole netstring that has come. 0 when the connection is over. */
static int echo(int fd, struct connection *connection)
{
    ssize_t got = read(fd, connection->in + connection->have, IN_BYTES - connection->have);
    size_t at = 0;
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    connection->have += (size_t)got;
    for (;;) {
        char *colon = memchr(connection->in + at, ':', connection->have - at);
        if (colon == NULL)
            break;
        size_t whole = (size_t)(colon - (connection->in + at)) + 1 + strtoul(connection->in + at, NULL, 10) + 1;
        if (whole > IN_BYTES)
            return 0;
        if (connection->have - at < whole)
            break;
        if (write(fd, connection->in + at, whole) != (ssize_t)whole)
            return 0;
        at += whole;
    }
    memmove(connection->in, connection->in + at, connection->have - at);
    connection->have -= at;
    return 1;
}

int main(int argc, char **argv)
{
    static struct connection connections[MAX_FD];
    const char *path = NULL;
    const struct option_row rows[] = { { "--socket", &path, NULL }, { NULL, NULL, NULL } };
    struct sockaddr_in inet = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct epoll_event events[64], event = { .events = EPOLLIN };
    int on = 1, poller = epoll_create1(0);

    read_options(argc, argv, rows);
    if (path)
        snprintf(local.sun_path, sizeof local.sun_path, "%s", path);
    int listener = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    socklen_t bytes = sizeof inet;
    if ((path ? bind(listener, (struct sockaddr *)&local, sizeof local)
              : bind(listener, (struct sockaddr *)&inet, sizeof inet)) != 0 ||
        listen(listener, 1024) != 0)
        die("listen");
    if (!path)
        getsockname(listener, (struct sockaddr *)&inet, &bytes);
    event.data.fd = listener;
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("ready %u\n", ntohs(inet.sin_port));
    fflush(stdout);
    for (;;) {
        int got = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < got; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                fd = accept(listener, NULL, NULL);
                if (fd < 0 || fd >= MAX_FD)
                    continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                connections[fd].have = 0;
                event.data.fd = fd;
                epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
            } else if (!echo(fd, &connections[fd])) {
                close(fd);
            }
        }
    }
}
