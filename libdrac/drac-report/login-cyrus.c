/* Cyrus' notifyd executes notify_external for each event, with one JSON object on standard input. */
#include "login.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "../src/clock.h"
#include "json.h"

#define MAX_EVENT_BYTES 16384

/* AclChange and whatever else event_groups lets through are nothing to us. */
enum login_result login_from_cyrus_event(struct login *login, const unsigned char *json, size_t length)
{
    char event[32], address[64], service[32];
    int ends;

    if (!json_get_string(json, length, "event", event, sizeof event))
        return LOGIN_BAD;
    ends = strcmp(event, "Logout") == 0;
    if (!ends && strcmp(event, "Login") != 0)
        return LOGIN_NONE;
    if (!json_get_string(json, length, "service", service, sizeof service))
        service[0] = '\0';
    if (strncmp(service, "imap", 4) != 0 && strncmp(service, "pop3", 4) != 0)
        return LOGIN_NONE; /* sieve, lmtp, nntp: no mail client that would send */
    if (!json_get_string(json, length, "user", login->user, sizeof login->user))
        login->user[0] = '\0';
    login_set_source(login, "cyrus-", service);
    /* Both missing where event_extra_params lacks clientAddress and vnd.cmu.sessionId. */
    if (!json_get_string(json, length, "vnd.cmu.sessionId", login->session, sizeof login->session))
        login->session[0] = '\0';
    if (ends)
        return login->session[0] == '\0' ? LOGIN_NONE : LOGIN_ENDED;
    if (!json_get_string(json, length, "clientIP", address, sizeof address))
        return LOGIN_BAD;
    return login_set_address(login, address, strlen(address)) ? LOGIN_FOUND : LOGIN_BAD;
}

enum login_result login_from_cyrus(struct login *login, int fd, long timeout_ms)
{
    static unsigned char json[MAX_EVENT_BYTES];
    size_t used = 0;
    int64_t deadline = drac_clock_ms() + timeout_ms, now;
    struct pollfd input;

    input.fd = fd;
    input.events = POLLIN;
    while ((now = drac_clock_ms()) < deadline && used < sizeof json) {
        int ready = poll(&input, 1, (int)(deadline - now));
        ssize_t got = ready > 0 ? read(fd, json + used, sizeof json - used) : -1;

        if (got == 0)
            break;
        if (got > 0)
            used += (size_t)got;
        else if (ready != 0 && errno != EINTR && errno != EAGAIN)
            break;
    }
    return login_from_cyrus_event(login, json, used);
}
