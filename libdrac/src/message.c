#include "message.h"
#include "../drac.h"
#include <string.h>

const char *drac_message_of_status(enum drac_rpc_status status)
{
    switch (status) {
    case DRAC_RPC_SUCCESS:
        return "RPC: Success";
    case DRAC_RPC_CANTDECODERES:
        return "RPC: Can't decode result";
    case DRAC_RPC_CANTSEND:
        return "RPC: Unable to send";
    case DRAC_RPC_CANTRECV:
        return "RPC: Unable to receive";
    case DRAC_RPC_TIMEDOUT:
        return "RPC: Timed out";
    case DRAC_RPC_VERSMISMATCH:
        return "RPC: Incompatible versions of RPC";
    case DRAC_RPC_AUTHERROR:
        return "RPC: Authentication error";
    case DRAC_RPC_PROGUNAVAIL:
        return "RPC: Program unavailable";
    case DRAC_RPC_PROGVERSMISMATCH:
        return "RPC: Program/version mismatch";
    case DRAC_RPC_PROCUNAVAIL:
        return "RPC: Procedure unavailable";
    case DRAC_RPC_CANTDECODEARGS:
        return "RPC: Server can't decode arguments";
    case DRAC_RPC_SYSTEMERROR:
        return "RPC: Remote system error";
    case DRAC_RPC_UNKNOWNHOST:
        return "RPC: Unknown host";
    case DRAC_RPC_PMAPFAILURE:
        return "RPC: Port mapper failure";
    case DRAC_RPC_PROGNOTREGISTERED:
        return "RPC: Program not registered";
    case DRAC_RPC_FAILED:
        break;
    }
    return "RPC: Failed (unspecified error)";
}

/* RFC 5531 section 9, auth_stat. */
static void add_auth_stat(struct drac_text *text, uint32_t why)
{
    static const char *const texts[] = {
        "Authentication OK",          "Invalid client credential",  "Server rejected credential",
        "Invalid client verifier",    "Server rejected verifier",   "Client credential too weak",
        "Invalid server verifier",    "Failed (unspecified error)",
    };

    drac_text_add(text, "; why = ");
    if (why < sizeof texts / sizeof texts[0]) {
        drac_text_add(text, texts[why]);
        return;
    }
    drac_text_add(text, "(unknown authentication error - ");
    drac_text_add_number(text, why);
    drac_text_add(text, ")");
}

static void add_errno(struct drac_text *text, int errnum)
{
    char words[96];

    if (strerror_r(errnum, words, sizeof words) == 0) {
        drac_text_add(text, words);
    } else {
        drac_text_add(text, "error ");
        drac_text_add_number(text, (unsigned long)errnum);
    }
}

void drac_message_add_create_error(struct drac_text *text, const char *host, enum drac_rpc_status status,
                                   const struct drac_rpc_error *portmapper)
{
    drac_text_add(text, host);
    drac_text_add(text, ": ");
    drac_text_add(text, drac_message_of_status(status));
    if (status == DRAC_RPC_PMAPFAILURE) {
        drac_text_add(text, " - ");
        drac_text_add(text, drac_message_of_status(portmapper->status));
    } else if (status == DRAC_RPC_SYSTEMERROR) {
        drac_text_add(text, " - ");
        add_errno(text, portmapper->errnum);
    }
}

static void add_versions(struct drac_text *text, const struct drac_rpc_error *error)
{
    drac_text_add(text, "; low version = ");
    drac_text_add_number(text, error->low);
    drac_text_add(text, ", high version = ");
    drac_text_add_number(text, error->high);
}

void drac_message_add_call_error(struct drac_text *text, const struct drac_rpc_error *error)
{
    drac_text_add(text, "call failed: ");
    drac_text_add(text, drac_message_of_status(error->status));
    if (error->status == DRAC_RPC_VERSMISMATCH || error->status == DRAC_RPC_PROGVERSMISMATCH) {
        add_versions(text, error);
    } else if (error->status == DRAC_RPC_AUTHERROR) {
        add_auth_stat(text, error->why);
    } else if (error->errnum != 0) {
        drac_text_add(text, "; errno = ");
        add_errno(text, error->errnum);
    }
}

const char *drac_message_of_addstat(int stat)
{
    switch (stat) {
    case ADD_SUCCESS:
        return "Server reports add succeeded";
    case ADD_PERM:
        return "Server reports permission denied";
    case ADD_SYSERR:
        return "Server reports system error";
    default:
        return "Server reports unknown error";
    }
}
