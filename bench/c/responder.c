/*
 * Yardstick: a DRAC responder of one thread that takes one add at a time, as rpc.dracd does, over UDP and TCP on
 * loopback ports of the system's choice. Prints "ready UDPPORT TCPPORT" and serves until it is killed.
 *
 *   --sync fdatasync|fsync|none   what follows the write of the entry's 512-byte page; none does not write either
 *   --file PATH                   the table; made and filled with zeros, so that a write never changes its size
 *   --pages N                     its size in pages of 512 bytes
 *
 * The original's Berkeley DB makes pwrite64 of 512 bytes and one fdatasync for each add (seen with strace).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drac-wire.h"

enum { PAGE_BYTES = 512, MAX_CONNECTIONS = 1024, IN_BYTES = 4096 };

static int table_fd = -1;
static uint32_t pages = 1024;
static int (*sync_table)(int) = NULL;

static void open_table(const char *path)
{
    static const uint8_t zeros[65536];
    uint64_t left = (uint64_t)pages * PAGE_BYTES;
    table_fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (table_fd < 0)
        die(path);
    while (left > 0) {
        ssize_t wrote = write(table_fd, zeros, left < sizeof zeros ? left : sizeof zeros);
        if (wrote <= 0)
            die("write");
        left -= (uint64_t)wrote;
    }
    if (fsync(table_fd) != 0)
        die("fsync");
}

/* addstat of one add: written and synced before it returns. */
static uint32_t store(uint32_t address)
{
    uint8_t page[PAGE_BYTES];
    uint32_t number = (address * 0x85ebca6bu >> 5) % pages;
    if (sync_table == NULL)
        return ADD_SUCCESS;
    memset(page, 0, sizeof page);
    put32(page, address);
    put32(page + 4, (uint32_t)time(NULL) + 1800);
    if (pwrite(table_fd, page, sizeof page, (off_t)number * PAGE_BYTES) != PAGE_BYTES || sync_table(table_fd) != 0)
        return 2;
    return ADD_SUCCESS;
}

/* Bytes of the reply, 0 for what is not an add with empty credentials. */
static size_t answer(const uint8_t *call, size_t length, uint8_t *reply)
{
    uint32_t vers;
    if (length < CALL_BYTES || get32(call + 4) != 0 || get32(call + 8) != 2 || get32(call + 12) != DRACPROG ||
        get32(call + 20) != DRACPROC_ADD)
        return 0;
    vers = get32(call + 16);
    if (length != (vers == DRACVERS ? CALL_BYTES : CALL_BYTES + 60))
        return 0;
    uint32_t address = 0;
    for (size_t at = 40; at < length; at += 4)
        address = address * 31 + get32(call + at);
    encode_reply(reply, get32(call), store(address));
    return REPLY_BYTES;
}

/* 0 when nothing waits. */
static int serve_datagram(int fd)
{
    uint8_t call[2048], reply[REPLY_BYTES];
    struct sockaddr_in from;
    socklen_t from_bytes = sizeof from;
    ssize_t length = recvfrom(fd, call, sizeof call, MSG_DONTWAIT, (struct sockaddr *)&from, &from_bytes);
    size_t reply_bytes = length < 0 ? 0 : answer(call, (size_t)length, reply);
    if (reply_bytes > 0)
        sendto(fd, reply, reply_bytes, 0, (struct sockaddr *)&from, from_bytes);
    return length >= 0;
}

struct connection {
    size_t have;
    uint8_t in[IN_BYTES];
};

/* Reads what has come and answers each whole record of one fragment. 0 when the connection is over. */
static int serve_records(int fd, struct connection *connection)
{
    ssize_t got = read(fd, connection->in + connection->have, IN_BYTES - connection->have);
    size_t at = 0;
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    connection->have += (size_t)got;
    while (connection->have - at >= MARK_BYTES) {
        size_t length = get32(connection->in + at) & ~LAST_FRAGMENT;
        uint8_t out[MARK_BYTES + REPLY_BYTES];
        if (length > IN_BYTES - MARK_BYTES)
            return 0;
        if (connection->have - at < MARK_BYTES + length)
            break;
        size_t reply_bytes = answer(connection->in + at + MARK_BYTES, length, out + MARK_BYTES);
        if (reply_bytes == 0)
            return 0;
        put32(out, LAST_FRAGMENT | (uint32_t)reply_bytes);
        if (write(fd, out, MARK_BYTES + reply_bytes) < 0)
            return 0;
        at += MARK_BYTES + length;
    }
    memmove(connection->in, connection->in + at, connection->have - at);
    connection->have -= at;
    return 1;
}

/* Puts a new connection into the first free place; closes it when there is none. */
static nfds_t accept_connection(struct pollfd *polled, nfds_t count, struct connection *connections)
{
    int on = 1, fd = accept(polled[1].fd, NULL, NULL);
    nfds_t place = 2;
    if (fd < 0)
        return count;
    while (place < count && polled[place].fd >= 0)
        place++;
    if (place == 2 + MAX_CONNECTIONS) {
        close(fd);
        return count;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[place - 2].have = 0;
    polled[place] = (struct pollfd){ .fd = fd, .events = POLLIN };
    return place == count ? count + 1 : count;
}

static int open_socket(int type, uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t bytes = sizeof address;
    int size = 1 << 20;
    int fd = socket(AF_INET, type, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, bytes) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &bytes) != 0 || (type == SOCK_STREAM && listen(fd, 1024) != 0))
        die("socket");
    *port = ntohs(address.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    static struct pollfd polled[2 + MAX_CONNECTIONS];
    static struct connection connections[MAX_CONNECTIONS];
    const char *sync = "none", *file = NULL;
    double page_count = 1024;
    const struct option_row rows[] = {
        { "--sync", &sync, NULL }, { "--file", &file, NULL }, { "--pages", NULL, &page_count }, { NULL, NULL, NULL }
    };
    uint16_t udp_port, tcp_port;
    nfds_t count = 2;

    read_options(argc, argv, rows);
    pages = (uint32_t)page_count;
    if (strcmp(sync, "none") != 0) {
        sync_table = strcmp(sync, "fsync") == 0 ? fsync : fdatasync;
        open_table(file);
    }
    polled[0] = (struct pollfd){ .fd = open_socket(SOCK_DGRAM, &udp_port), .events = POLLIN };
    polled[1] = (struct pollfd){ .fd = open_socket(SOCK_STREAM, &tcp_port), .events = POLLIN };
    printf("ready %u %u\n", udp_port, tcp_port);
    fflush(stdout);
    for (;;) {
        if (poll(polled, count, -1) < 0)
            die("poll");
        for (int turns = 0; polled[0].revents && turns < 64 && serve_datagram(polled[0].fd); turns++)
            ;
        for (nfds_t i = 2; i < count; i++) {
            if (polled[i].revents && !serve_records(polled[i].fd, &connections[i - 2])) {
                close(polled[i].fd);
                polled[i].fd = -1;
            }
        }
        if (polled[1].revents)
            count = accept_connection(polled, count, connections);
    }
}
