/* ONC RPC version 2, RFC 5531: the call we send and what its reply means. Pure functions over bytes. */
#ifndef DRAC_RPC_H
#define DRAC_RPC_H
#include "xdr.h"

/* A DRAC version 2 call is 104 octets, a GETADDR call less; the largest reply has a verifier of 400. */
#define DRAC_RPC_MAX_CALL 160
#define DRAC_RPC_MAX_REPLY 1024

/* What can become of a call; the names are those of clnt_stat in the RPC libraries that the original used. */
enum drac_rpc_status {
    DRAC_RPC_SUCCESS,
    DRAC_RPC_CANTDECODERES,
    DRAC_RPC_CANTSEND,
    DRAC_RPC_CANTRECV,
    DRAC_RPC_TIMEDOUT,
    DRAC_RPC_VERSMISMATCH,
    DRAC_RPC_AUTHERROR,
    DRAC_RPC_PROGUNAVAIL,
    DRAC_RPC_PROGVERSMISMATCH,
    DRAC_RPC_PROCUNAVAIL,
    DRAC_RPC_CANTDECODEARGS,
    DRAC_RPC_SYSTEMERROR,
    DRAC_RPC_UNKNOWNHOST,
    DRAC_RPC_PMAPFAILURE,
    DRAC_RPC_PROGNOTREGISTERED,
    DRAC_RPC_FAILED
};

struct drac_rpc_error {
    enum drac_rpc_status status;
    int errnum;            /* CANTSEND, CANTRECV, SYSTEMERROR of this host: errno, else 0 */
    uint32_t low, high;    /* VERSMISMATCH, PROGVERSMISMATCH: versions the server has */
    uint32_t why;          /* AUTHERROR: auth_stat */
};

/* The header of a CALL with AUTH_NONE credentials; the procedure's arguments follow. */
void drac_rpc_put_call(struct drac_xdr_out *out, uint32_t xid, uint32_t prog, uint32_t vers, uint32_t proc);

/* Does this datagram carry our transaction id? If not it answers somebody else's call, or an older one of ours. */
int drac_rpc_is_reply_to(const unsigned char *bytes, size_t length, uint32_t xid);

/* Reads a reply's header. On SUCCESS `in` stands at the results. */
void drac_rpc_get_reply(struct drac_xdr_in *in, struct drac_rpc_error *error);
#endif
