/* Whom drac-report tells when nothing was said, and telling them. */
#ifndef DRAC_SERVERS_H
#define DRAC_SERVERS_H
#include "control.h"
#include "options.h"

struct servers {
    const char *control; /* the one that was named; NULL: none was */
    const char *hosts;   /* NULL: no RPC; tried after the control socket when that cannot be reached */
    int usual;           /* dracd's socket at its usual place, whichever is there */
    int off;             /* an empty DRACHOST or host file: tell nobody */
};

#define DRAC_HOST_FILE "/etc/mail/dracd.host"
/* The first takes reports alone, and is there when dracd's settings say so. */
#define DRAC_REPORT_SOCKET "/run/drac/report.sock"
#define DRAC_CONTROL_SOCKET "/run/drac/control.sock"

struct servers servers_find(const struct options *options);

/*
 * A session that the control socket has taken is told there alone from then on: RPC knows logins only, and would undo a
 * revocation.
 */
enum outcome servers_tell(const struct servers *servers, const struct login *login, struct session *session,
                          long timeout_ms, struct drac_text *message);

/* Of a session that the control socket has taken; TOLD when it has not, since RPC knows no end of a login. */
enum outcome servers_tell_end(const struct servers *servers, const struct login *login, const struct session *session,
                              long timeout_ms, struct drac_text *message);
#endif
