/* Telling dracd over its control socket. */
#ifndef DRAC_CONTROL_H
#define DRAC_CONTROL_H
#include "login.h"
#include "session.h"
#include "../src/text.h"

enum outcome {
    TOLD,        /* stored, or knowingly ignored by the server's policy */
    REFUSED,     /* the server says that this host, or this address, may not */
    TRY_AGAIN,   /* the server is there and in trouble, or answered nonsense or nothing in time */
    UNREACHABLE  /* nobody there, or we may not ask */
};

/* path: the unix socket. `message` says what happened. */
enum outcome control_tell(const char *path, const struct login *login, const struct session *session, long timeout_ms,
                          struct drac_text *message);

/* The same of the session's end. */
enum outcome control_tell_end(const char *path, const struct login *login, const struct session *session,
                              long timeout_ms, struct drac_text *message);
#endif
