/* The connection that a login came over, while drac-report stays behind it. */
#ifndef DRAC_SESSION_H
#define DRAC_SESSION_H

struct session {
    char id[48];    /* "": a login that nobody stays behind */
    long lease;     /* seconds that the connection counts as open without another word of it */
    long opened_at; /* seconds since the epoch */
    int tried;      /* the login has been reported at least once, whatever came of it */
    int kept;       /* the control socket has taken a report of it */
};

struct session session_none(void);

/* pid: the process that serves the connection; every: seconds between reports. */
struct session session_open(long pid, long every);
#endif
