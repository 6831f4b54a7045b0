#include "rpc.h"
#include <string.h>

/* RFC 5531 section 9 */
enum { CALL = 0, REPLY = 1 };
enum { MSG_ACCEPTED = 0, MSG_DENIED = 1 };
enum { SUCCESS = 0, PROG_UNAVAIL = 1, PROG_MISMATCH = 2, PROC_UNAVAIL = 3, GARBAGE_ARGS = 4, SYSTEM_ERR = 5 };
enum { RPC_MISMATCH = 0, AUTH_ERROR = 1 };
#define RPC_VERSION 2
/* RFC 5531 sections 8.2 and 10.1 */
#define AUTH_NONE 0
#define MAX_AUTH_BYTES 400

/* RFC 5531 section 9, call_body. */
void drac_rpc_put_call(struct drac_xdr_out *out, uint32_t xid, uint32_t prog, uint32_t vers, uint32_t proc)
{
    int i;

    drac_xdr_put_uint(out, xid);
    drac_xdr_put_uint(out, CALL);
    drac_xdr_put_uint(out, RPC_VERSION);
    drac_xdr_put_uint(out, prog);
    drac_xdr_put_uint(out, vers);
    drac_xdr_put_uint(out, proc);
    for (i = 0; i < 2; i++) { /* the credential, then the verifier */
        drac_xdr_put_uint(out, AUTH_NONE);
        drac_xdr_put_uint(out, 0);
    }
}

int drac_rpc_is_reply_to(const unsigned char *bytes, size_t length, uint32_t xid)
{
    struct drac_xdr_in in = {bytes, length, 0};
    uint32_t theirs;

    return drac_xdr_get_uint(&in, &theirs) && theirs == xid;
}

static int get_versions(struct drac_xdr_in *in, struct drac_rpc_error *error)
{
    return drac_xdr_get_uint(in, &error->low) && drac_xdr_get_uint(in, &error->high);
}

/* RFC 5531 section 9, accepted_reply. An unknown accept_stat is a failure that says nothing. */
static enum drac_rpc_status get_accepted(struct drac_xdr_in *in, struct drac_rpc_error *error)
{
    const unsigned char *verf;
    uint32_t flavor, length, accept_stat;

    if (!drac_xdr_get_uint(in, &flavor) || !drac_xdr_get_opaque(in, MAX_AUTH_BYTES, &verf, &length))
        return DRAC_RPC_CANTDECODERES;
    if (!drac_xdr_get_uint(in, &accept_stat))
        return DRAC_RPC_CANTDECODERES;
    switch (accept_stat) {
    case SUCCESS:
        return DRAC_RPC_SUCCESS;
    case PROG_UNAVAIL:
        return DRAC_RPC_PROGUNAVAIL;
    case PROG_MISMATCH:
        return get_versions(in, error) ? DRAC_RPC_PROGVERSMISMATCH : DRAC_RPC_CANTDECODERES;
    case PROC_UNAVAIL:
        return DRAC_RPC_PROCUNAVAIL;
    case GARBAGE_ARGS:
        return DRAC_RPC_CANTDECODEARGS;
    case SYSTEM_ERR:
        return DRAC_RPC_SYSTEMERROR;
    default:
        return DRAC_RPC_FAILED;
    }
}

/* RFC 5531 section 9, rejected_reply. */
static enum drac_rpc_status get_denied(struct drac_xdr_in *in, struct drac_rpc_error *error)
{
    uint32_t reject_stat;

    if (!drac_xdr_get_uint(in, &reject_stat))
        return DRAC_RPC_CANTDECODERES;
    if (reject_stat == RPC_MISMATCH)
        return get_versions(in, error) ? DRAC_RPC_VERSMISMATCH : DRAC_RPC_CANTDECODERES;
    if (reject_stat == AUTH_ERROR)
        return drac_xdr_get_uint(in, &error->why) ? DRAC_RPC_AUTHERROR : DRAC_RPC_CANTDECODERES;
    return DRAC_RPC_CANTDECODERES;
}

/* RFC 5531 section 9, rpc_msg and reply_body. Octets after the results are allowed, as every RPC client allows them. */
void drac_rpc_get_reply(struct drac_xdr_in *in, struct drac_rpc_error *error)
{
    uint32_t xid, mtype, reply_stat;

    memset(error, 0, sizeof *error);
    error->status = DRAC_RPC_CANTDECODERES;
    if (!drac_xdr_get_uint(in, &xid) || !drac_xdr_get_uint(in, &mtype) || mtype != REPLY)
        return;
    if (!drac_xdr_get_uint(in, &reply_stat))
        return;
    if (reply_stat == MSG_ACCEPTED)
        error->status = get_accepted(in, error);
    else if (reply_stat == MSG_DENIED)
        error->status = get_denied(in, error);
}
