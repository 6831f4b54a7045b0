/* HTTP/1.1 (RFC 9112), as much of it as one request over dracd's control socket needs. Pure functions. */
#ifndef DRAC_HTTP_H
#define DRAC_HTTP_H
#include "login.h"
#include "../src/text.h"

#define HTTP_MAX_REQUEST 4096
#define HTTP_MAX_RESPONSE 8192

/* POST /v1/logins with the login as JSON. */
void http_add_login_request(struct drac_text *request, const struct login *login);

enum http_result { HTTP_INCOMPLETE, HTTP_COMPLETE, HTTP_GARBLED };

/*
 * Reads what has come so far; at_end says that no more will. COMPLETE: *code is 100 to 599, and the body is at
 * bytes[*body..*body + *body_length].
 */
enum http_result http_get_response(const unsigned char *bytes, size_t length, int at_end, int *code, size_t *body,
                                   size_t *body_length);
#endif
