/* One login, and the four places that drac-report learns of it from. */
#ifndef DRAC_LOGIN_H
#define DRAC_LOGIN_H
#include "../src/add.h"
#include <netinet/in.h>

struct login {
    struct drac_client client;
    char address[INET6_ADDRSTRLEN]; /* the client again, as text */
    char user[256];                 /* "" when not known; any octets but 0 */
    char source[64];                /* which server, one word: "cyrus-imap" */
    char session[128];              /* the server's own name for the connection; "" when it has none */
};

enum login_result {
    LOGIN_FOUND,
    LOGIN_ENDED, /* a logout: no address, but the source and the session of its login */
    LOGIN_NONE, /* nothing to report: another event or PAM type, a local session without an address */
    LOGIN_BAD   /* something that should have been an address or an event is not */
};

/* An address as text: strict, no host names, no zone; ::ffff:a.b.c.d is a.b.c.d. 0 when it is none. */
int login_set_address(struct login *login, const char *text, size_t length);
void login_set_user(struct login *login, const char *user);
/* Two words joined, anything but letters, digits, '.', '_' and '-' left out. */
void login_set_source(struct login *login, const char *prefix, const char *name);

/* pam_exec(8): PAM_RHOST, PAM_USER, PAM_SERVICE; only for PAM_TYPE account and open_session, which follow a success. */
enum login_result login_from_pam(struct login *login);
/* Courier's imapd and pop3d and UCSPI servers: TCPREMOTEIP, AUTHENTICATED, PROTOCOL. */
enum login_result login_from_courier(struct login *login);
/* One event of Cyrus' notify_external (RFC 5423's names), as JSON. */
enum login_result login_from_cyrus_event(struct login *login, const unsigned char *json, size_t length);
/* The same, read from a descriptor until its end, a whole event or timeout_ms. */
enum login_result login_from_cyrus(struct login *login, int fd, long timeout_ms);
#endif
