/*
 * What the bench's C programs share: the bytes of a DRAC version 1 call (RFC 5531, libdrac/drac.x), the addresses
 * that stand for the entries of a table, a microsecond clock and a histogram.
 */
#ifndef DRAC_WIRE_H
#define DRAC_WIRE_H

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DRACPROG = 900101, DRACVERS = 1, DRACVERS6 = 2, DRACPROC_ADD = 1, ADD_SUCCESS = 0 };
enum { CALL_BYTES = 44, REPLY_BYTES = 28, MARK_BYTES = 4 };
static const uint32_t LAST_FRAGMENT = 0x80000000u;

static inline void put32(uint8_t *at, uint32_t value)
{
    value = htonl(value);
    memcpy(at, &value, 4);
}

static inline uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return ntohl(value);
}

/*
 * Entry number -> IPv4 address, one to one below 2^27: public addresses of 32.0.0.0/5, in no order, so that neighbours
 * in number are not neighbours in the store.
 */
static inline uint32_t entry_address(uint32_t entry)
{
    return 0x20000000u | ((entry * 0x9e3779b1u) & 0x07ffffffu);
}

/* Entries from here on are never added: what a look-up must not find. */
enum { NEVER_ADDED = 1 << 26 };

/* An AUTH_NONE call of DRACPROC_ADD, version 1. */
static inline void encode_add(uint8_t *at, uint32_t xid, uint32_t address)
{
    static const uint32_t head[9] = { 0, 2, DRACPROG, DRACVERS, DRACPROC_ADD, 0, 0, 0, 0 };
    put32(at, xid);
    for (int i = 0; i < 9; i++)
        put32(at + 4 + 4 * i, head[i]);
    put32(at + 40, address);
}

/* An accepted reply, AUTH_NONE verifier, that carries one addstat. */
static inline void encode_reply(uint8_t *at, uint32_t xid, uint32_t addstat)
{
    memset(at, 0, REPLY_BYTES);
    put32(at, xid);
    put32(at + 4, 1);
    put32(at + 24, addstat);
}

/* Whether these bytes are the reply ADD_SUCCESS, whole and nothing else. The caller has looked at the xid. */
static inline int is_success(const uint8_t *at, size_t length)
{
    static const uint8_t rest[REPLY_BYTES - 8];
    return length == REPLY_BYTES && get32(at + 4) == 1 && memcmp(at + 8, rest, sizeof rest) == 0;
}

static inline uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* xorshift32 (Marsaglia 2003); state is never 0. */
static inline uint32_t next_random(uint32_t *state)
{
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* Latencies in whole microseconds; the last bucket holds everything of 4 s and more. */
enum { BUCKETS = 4000000 };
struct histogram {
    uint32_t *count;
    uint64_t total;
    uint32_t max;
};

static inline void histogram_add(struct histogram *h, uint64_t us)
{
    if (h->count == NULL && (h->count = calloc(BUCKETS, sizeof *h->count)) == NULL)
        exit(70);
    uint32_t bucket = us < BUCKETS ? (uint32_t)us : BUCKETS - 1;
    h->count[bucket]++;
    h->total++;
    if (bucket > h->max)
        h->max = bucket;
}

/* The smallest latency that `share` of all stay within; 0 when there are none. */
static inline uint32_t histogram_quantile(const struct histogram *h, double share)
{
    uint64_t wanted = (uint64_t)((double)h->total * share), seen = 0;
    if (h->total == 0)
        return 0;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
        if ((seen += h->count[bucket]) > wanted)
            return bucket;
    return h->max;
}

/* `--name value` pairs; what is not known ends the program, so that a misspelt option cannot go unnoticed. */
struct option_row {
    const char *name;
    const char **text;
    double *number;
};

static inline void read_options(int argc, char **argv, const struct option_row *rows)
{
    for (int i = 1; i < argc; i += 2) {
        const struct option_row *row = rows;
        while (row->name != NULL && strcmp(row->name, argv[i]) != 0)
            row++;
        if (row->name == NULL || i + 1 == argc) {
            fprintf(stderr, "%s: what is %s?\n", argv[0], argv[i]);
            exit(64);
        }
        if (row->text != NULL)
            *row->text = argv[i + 1];
        else
            *row->number = atof(argv[i + 1]);
    }
}

static inline void die(const char *what)
{
    perror(what);
    exit(71);
}

#endif
