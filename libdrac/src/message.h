/* The words in which the original's callers log a failure: those of clnt_spcreateerror(3) and clnt_sperror(3). */
#ifndef DRAC_MESSAGE_H
#define DRAC_MESSAGE_H
#include "rpc.h"
#include "text.h"

/* "RPC: Timed out" */
const char *drac_message_of_status(enum drac_rpc_status status);

/* No server found: "HOST: RPC: Port mapper failure - RPC: Timed out". `portmapper` is what that call came to. */
void drac_message_add_create_error(struct drac_text *text, const char *host, enum drac_rpc_status status,
                                   const struct drac_rpc_error *portmapper);

/* The call failed: "call failed: RPC: Unable to receive; errno = Connection refused" */
void drac_message_add_call_error(struct drac_text *text, const struct drac_rpc_error *error);

/* The server's answer: "Server reports add succeeded" */
const char *drac_message_of_addstat(int stat);
#endif
