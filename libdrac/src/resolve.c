/*
 * getaddrinfo(3) can take half a minute when a name server is silent, and nothing can cut it short. So it runs in a
 * thread of its own, which the caller abandons when time is up; the last of the two frees what they share. The thread
 * blocks all signals, so that none is ever delivered to it, and touches no descriptor of ours once it is abandoned: a
 * caller may close and reuse every number it has.
 */
#include "resolve.h"
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "hosts.h"
#include "socket.h"

#define STACK_BYTES (512 * 1024)

enum { PENDING, ANSWERED, ABANDONED };

struct drac_lookup {
    int state;     /* PENDING becomes ANSWERED (by the thread) or ABANDONED (by the caller), once */
    int ends[2];   /* a pipe; the thread closes ends[1] to say that it has answered */
    struct drac_address address;
    char name[DRAC_MAX_HOST_NAME];
};

void drac_address_set_port(struct drac_address *address, unsigned port)
{
    if (address->bytes.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&address->bytes)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)&address->bytes)->sin_port = htons((uint16_t)port);
}

/* RFC 4291 section 2.5.5.2: ::ffff:a.b.c.d is the IPv4 host a.b.c.d, whose portmapper knows it by that. */
static void fold_mapped(struct drac_address *address)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->bytes;
    struct sockaddr_in four;

    if (address->bytes.ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        return;
    memset(&four, 0, sizeof four);
    four.sin_family = AF_INET;
    memcpy(&four.sin_addr, six->sin6_addr.s6_addr + 12, 4);
    memset(address, 0, sizeof *address);
    memcpy(&address->bytes, &four, sizeof four);
    address->length = sizeof four;
}

/* The first IPv4 address, as the original would have taken; where there is none, the first IPv6 address. */
static void find(const char *name, int flags, struct drac_address *address)
{
    struct addrinfo hints, *found, *at, *chosen = NULL;

    memset(&hints, 0, sizeof hints);
    memset(address, 0, sizeof *address);
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = flags;
    if (getaddrinfo(name, NULL, &hints, &found) != 0)
        return;
    for (at = found; at != NULL; at = at->ai_next)
        if ((at->ai_family == AF_INET && (chosen == NULL || chosen->ai_family != AF_INET)) ||
            (at->ai_family == AF_INET6 && chosen == NULL))
            chosen = at;
    if (chosen != NULL && chosen->ai_addrlen <= sizeof address->bytes) {
        memcpy(&address->bytes, chosen->ai_addr, chosen->ai_addrlen);
        address->length = chosen->ai_addrlen;
        fold_mapped(address);
    }
    freeaddrinfo(found);
}

/* Moves PENDING to `state`; 0 when the other side was first. */
static int settle(struct drac_lookup *lookup, int state)
{
    int pending = PENDING;

    return __atomic_compare_exchange_n(&lookup->state, &pending, state, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void *run(void *argument)
{
    struct drac_lookup *lookup = argument;
    int end = lookup->ends[1];

    find(lookup->name, 0, &lookup->address);
    if (settle(lookup, ANSWERED))
        close(end); /* the caller is waiting for just this, and frees */
    else
        free(lookup);
    return NULL;
}

static int start_thread(struct drac_lookup *lookup)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;
    int failed;

    if (pthread_attr_init(&attributes) != 0)
        return 0;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, &attributes, run, lookup);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return !failed;
}

static struct drac_lookup *new_lookup(const char *name)
{
    struct drac_lookup *lookup = calloc(1, sizeof *lookup);

    if (lookup == NULL)
        return NULL;
    memcpy(lookup->name, name, strlen(name) + 1);
    if (pipe(lookup->ends) != 0) {
        free(lookup);
        return NULL;
    }
    drac_set_descriptor_flags(lookup->ends[0]);
    drac_set_descriptor_flags(lookup->ends[1]);
    return lookup;
}

static void free_lookup(struct drac_lookup *lookup)
{
    close(lookup->ends[0]);
    close(lookup->ends[1]);
    free(lookup);
}

int drac_lookup_start(const char *name, struct drac_lookup **lookup, struct drac_address *address)
{
    *lookup = NULL;
    /* RFC 6761 section 6.3: localhost is this host, whatever a name server says. */
    find(strcmp(name, "localhost") == 0 ? "127.0.0.1" : name, AI_NUMERICHOST, address);
    if (address->length != 0 || strlen(name) >= DRAC_MAX_HOST_NAME)
        return 1;
    *lookup = new_lookup(name);
    if (*lookup == NULL)
        return 1;
    if (start_thread(*lookup))
        return 0;
    /* No thread to be had (a process limit): better slow than not at all. */
    free_lookup(*lookup);
    *lookup = NULL;
    find(name, 0, address);
    return 1;
}

int drac_lookup_fd(const struct drac_lookup *lookup)
{
    return lookup->ends[0];
}

void drac_lookup_end(struct drac_lookup *lookup, struct drac_address *address)
{
    struct pollfd done;

    memset(address, 0, sizeof *address);
    if (settle(lookup, ABANDONED)) {
        close(lookup->ends[0]);
        close(lookup->ends[1]);
        return; /* the thread frees */
    }
    done.fd = lookup->ends[0];
    done.events = POLLIN;
    while (poll(&done, 1, -1) < 0) {
        /* a signal came; the thread is about to close its end */
    }
    *address = lookup->address;
    close(lookup->ends[0]);
    free(lookup);
}
