/* The list of servers that callers hand over: "mail.example.org, [2001:db8::1]:4711 192.0.2.1:4711". */
#ifndef DRAC_HOSTS_H
#define DRAC_HOSTS_H
#include "platform.h"

#define DRAC_MAX_HOSTS 16
#define DRAC_MAX_HOST_NAME 256

struct drac_host {
    char name[DRAC_MAX_HOST_NAME]; /* without brackets and port */
    char text[DRAC_MAX_HOST_NAME]; /* as it stood in the list, cut to fit, for messages */
    unsigned port;                 /* 0: ask the portmapper */
    int valid;                     /* 0: not a host and port; text says what stood there */
};

/*
 * Reads up to `length` octets of list. Answers how many hosts were found: 0 when there are none, -1 when there are
 * more than DRAC_MAX_HOSTS.
 */
int drac_hosts_parse(const char *list, size_t length, struct drac_host hosts[DRAC_MAX_HOSTS]);
#endif
