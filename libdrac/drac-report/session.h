/* The connection that a login came over, when its end will be told. */
#ifndef DRAC_SESSION_H
#define DRAC_SESSION_H

struct session {
    char id[128];   /* "": a login that nobody will tell the end of */
    long lease;     /* seconds that the connection counts as open without another word of it; 0: as dracd has it */
    long opened_at; /* seconds since the epoch */
    int tried;      /* the login has been reported at least once, whatever came of it */
    int kept;       /* the control socket has taken a report of it */
};

struct session session_none(void);

/* id: the mail server's own name for it, "" for none. */
struct session session_named(const char *id);

/* pid: the process that serves the connection; every: seconds between reports. */
struct session session_open(long pid, long every);
#endif
