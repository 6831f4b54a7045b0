#include "../src/platform.h"
#include "session.h"
#include <string.h>
#include <time.h>
#include "../src/text.h"

/* Beyond two and a half intervals, so that with the shortest of them a slow answer ends no session. */
#define LEASE_MARGIN 5

struct session session_none(void)
{
    struct session session;

    memset(&session, 0, sizeof session);
    return session;
}

struct session session_named(const char *id)
{
    struct session session = session_none();
    struct drac_text text = drac_text_start(session.id, sizeof session.id);

    drac_text_add(&text, id);
    return session;
}

/* Process numbers come again; one that comes again in the same millisecond does not. */
struct session session_open(long pid, long every)
{
    struct session session = session_none();
    struct drac_text id = drac_text_start(session.id, sizeof session.id);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    drac_text_add_number(&id, (unsigned long)pid);
    drac_text_add_char(&id, '.');
    drac_text_add_number(&id, (unsigned long)now.tv_sec);
    drac_text_add_char(&id, '.');
    drac_text_add_number(&id, (unsigned long)now.tv_nsec / 1000000);
    session.lease = every * 5 / 2 + LEASE_MARGIN;
    session.opened_at = (long)now.tv_sec;
    return session;
}
