/* HTTP/1.1 (RFC 9112), as much of it as one request over dracd's control socket needs. Pure functions. */
#ifndef DRAC_HTTP_H
#define DRAC_HTTP_H
#include "login.h"
#include "session.h"
#include "../src/text.h"

#define HTTP_MAX_REQUEST 4096
#define HTTP_MAX_RESPONSE 8192

/*
 * POST /v1/logins as JSON. Of a session the first report that is taken is a login, dated when it could not be made at
 * once; those after it say only that the client is still there, which undoes no revocation.
 */
void http_add_login_request(struct drac_text *request, const struct login *login, const struct session *session);

/* POST /v1/logouts: the session's end. */
void http_add_logout_request(struct drac_text *request, const struct login *login, const struct session *session);

enum http_result { HTTP_INCOMPLETE, HTTP_COMPLETE, HTTP_GARBLED };

/*
 * Reads what has come so far; at_end says that no more will. COMPLETE: *code is 100 to 599, and the body is at
 * bytes[*body..*body + *body_length].
 */
enum http_result http_get_response(const unsigned char *bytes, size_t length, int at_end, int *code, size_t *body,
                                   size_t *body_length);
#endif
