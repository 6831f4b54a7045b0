/* A host's name to its address, without ever waiting longer than the caller wants to. */
#ifndef DRAC_RESOLVE_H
#define DRAC_RESOLVE_H
#include "platform.h"
#include <sys/socket.h>

struct drac_address {
    struct sockaddr_storage bytes; /* the port is 0 */
    socklen_t length;              /* 0: no such host */
};

void drac_address_set_port(struct drac_address *address, unsigned port);

/* A look-up that is under way; NULL stands for none. */
struct drac_lookup;

/*
 * Starts looking for name. Numbers and "localhost" are answered at once: 1, and *address is set. Otherwise 0, and
 * *lookup is to be waited for: poll(2) shows drac_lookup_fd's end of file when it is done.
 */
int drac_lookup_start(const char *name, struct drac_lookup **lookup, struct drac_address *address);
int drac_lookup_fd(const struct drac_lookup *lookup);

/* Ends a look-up, done or not, and frees it: sets *address, whose length is 0 when there is no answer (yet). */
void drac_lookup_end(struct drac_lookup *lookup, struct drac_address *address);
#endif
