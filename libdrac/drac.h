/*
 * DRAC, Dynamic Relay Authorization Control: what a POP or IMAP server calls after a login.
 *
 * Source and link compatible with the original's library; see dracauth(3). Every function returns 0 when the address
 * was accepted, -1 when no server could be found (or dracconn was not called), -2 when the call failed, and otherwise
 * the server's addstat. Where errmsg is not NULL, *errmsg is always set, to text that stays valid until the next call
 * in the same thread; it must not be freed.
 *
 * `server` is one host or several, separated by commas or spaces: name, address, name:port, [IPv6], [IPv6]:port.
 */
#ifndef DRAC_H
#define DRAC_H

/* The RPC program, as in drac.x. */
#define DRACPROG 900101UL
#define DRACVERS 1UL      /* IPv4 */
#define DRACVERS6 2UL     /* IPv6 */
#define DRACPROC_ADD 1UL
#define DRACPROC_ADD6 1UL

/* What became of the report. ADD_UNKOWN is spelt this way everywhere. */
enum addstat {
    ADD_SUCCESS = 0,    /* the client may relay */
    ADD_PERM = 1,       /* this host is not one of the server's trusted clients */
    ADD_SYSERR = 2,     /* the server could not store it */
    ADD_UNKOWN = 3      /* any other trouble */
};
typedef enum addstat addstat;

/*
 * Old callers declare these themselves, often beside this header, as `int dracauth(char *, unsigned long, char **)`:
 * that is why C sees no const here.
 */
#ifdef __cplusplus
extern "C" {
#define DRAC_CONST const
#else
#define DRAC_CONST
#endif

/* userip: IPv4, in network order as inet_addr(3) returns it. */
int dracauth(DRAC_CONST char *server, unsigned long userip, char **errmsg);

/* For servers that report the same client again and again: find the server once, tell it often. One per thread. */
int dracconn(DRAC_CONST char *server, char **errmsg);
int dracsend(unsigned long userip, char **errmsg);
int dracdisc(char **errmsg);

/* userip: IPv6, 16 octets, as in struct in6_addr. An IPv4-mapped address is reported as the IPv4 address it is. */
int dracauth6(DRAC_CONST char *server, DRAC_CONST unsigned char userip[16], char **errmsg);
int dracconn6(DRAC_CONST char *server, char **errmsg);
int dracsend6(DRAC_CONST unsigned char userip[16], char **errmsg);
int dracdisc6(char **errmsg);

#undef DRAC_CONST
#ifdef __cplusplus
}
#endif
#endif
