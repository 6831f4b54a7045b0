#include "http.h"
#include <string.h>
#include <strings.h>
#include "json.h"

#define MAX_BODY (HTTP_MAX_REQUEST - 512)

/* `,"key":"value"`; nothing when the value is empty. */
static void add_member(struct drac_text *body, const char *key, const char *value)
{
    if (*value == '\0')
        return;
    drac_text_add(body, body->used == 0 ? "{\"" : ",\"");
    drac_text_add(body, key);
    drac_text_add(body, "\":");
    json_add_string(body, value);
}

static void add_number_member(struct drac_text *body, const char *key, long value)
{
    drac_text_add(body, ",\"");
    drac_text_add(body, key);
    drac_text_add(body, "\":");
    drac_text_add_number(body, (unsigned long)value);
}

static void add_post(struct drac_text *request, const char *target, struct drac_text *body)
{
    drac_text_add(body, "}");
    drac_text_add(request, "POST ");
    drac_text_add(request, target);
    drac_text_add(request, " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: drac-report\r\n"
                           "Content-Type: application/json\r\nConnection: close\r\nContent-Length: ");
    drac_text_add_number(request, body->used);
    drac_text_add(request, "\r\n\r\n");
    drac_text_add(request, body->bytes);
}

void http_add_login_request(struct drac_text *request, const struct login *login, const struct session *session)
{
    char bytes[MAX_BODY];
    struct drac_text body = drac_text_start(bytes, sizeof bytes);

    add_member(&body, "address", login->address);
    add_member(&body, "user", login->user);
    add_member(&body, "source", login->source);
    if (session->id[0] != '\0') {
        add_member(&body, "session", session->id);
        if (session->lease != 0)
            add_number_member(&body, "lease", session->lease);
        if (session->kept)
            add_member(&body, "kind", "alive");
        else if (session->tried)
            add_number_member(&body, "at", session->opened_at);
    }
    add_post(request, "/v1/logins", &body);
}

void http_add_logout_request(struct drac_text *request, const struct login *login, const struct session *session)
{
    char bytes[MAX_BODY];
    struct drac_text body = drac_text_start(bytes, sizeof bytes);

    add_member(&body, "session", session->id);
    add_member(&body, "source", login->source);
    add_post(request, "/v1/logouts", &body);
}

/* RFC 9112 section 4: "HTTP/1.1 200 OK"; 0 when it is no status line. */
static int parse_status_line(const unsigned char *line, size_t length)
{
    if (length < 12 || memcmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') || line[8] != ' ')
        return 0;
    if (line[9] < '1' || line[9] > '5' || line[10] < '0' || line[10] > '9' || line[11] < '0' || line[11] > '9')
        return 0;
    if (length > 12 && line[12] != ' ')
        return 0;
    return (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
}

/* The offset after the next CRLF at or after `from`, 0 when there is none. */
static size_t next_line(const unsigned char *bytes, size_t length, size_t from)
{
    size_t at;

    for (at = from; at + 1 < length; at++)
        if (bytes[at] == '\r' && bytes[at + 1] == '\n')
            return at + 2;
    return 0;
}

/* RFC 9110 section 8.6; digits alone. 1: it is that field and *value is set; 0: another field; -1: not well formed. */
static int parse_content_length(const unsigned char *line, size_t length, size_t *value)
{
    static const char name[] = "content-length:";
    size_t at = sizeof name - 1;

    if (length < at || strncasecmp((const char *)line, name, at) != 0)
        return 0;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    if (at == length)
        return -1;
    for (*value = 0; at < length; at++) {
        if (line[at] < '0' || line[at] > '9' || *value > HTTP_MAX_RESPONSE)
            return -1;
        *value = *value * 10 + (size_t)(line[at] - '0');
    }
    return 1;
}

/* Walks over the header fields. 1: *body and *expected (SIZE_MAX: none given) are set; 0: more to come; -1: garbled. */
static int parse_fields(const unsigned char *bytes, size_t length, size_t at, size_t *body, size_t *expected)
{
    size_t next, value;

    *expected = SIZE_MAX;
    while ((next = next_line(bytes, length, at)) != 0) {
        if (next - at == 2) {
            *body = next;
            return 1;
        }
        switch (parse_content_length(bytes + at, next - at - 2, &value)) {
        case 1:
            if (*expected != SIZE_MAX && *expected != value)
                return -1;
            *expected = value;
            break;
        case -1:
            return -1;
        default:
            break;
        }
        at = next;
    }
    return 0;
}

enum http_result http_get_response(const unsigned char *bytes, size_t length, int at_end, int *code, size_t *body,
                                   size_t *body_length)
{
    size_t fields = next_line(bytes, length, 0), expected;
    int parsed;

    if (fields == 0)
        return at_end ? HTTP_GARBLED : HTTP_INCOMPLETE;
    *code = parse_status_line(bytes, fields - 2);
    if (*code == 0)
        return HTTP_GARBLED;
    parsed = parse_fields(bytes, length, fields, body, &expected);
    if (parsed != 1)
        return parsed == 0 && !at_end ? HTTP_INCOMPLETE : HTTP_GARBLED;
    *body_length = length - *body;
    if (expected == SIZE_MAX)
        return at_end ? HTTP_COMPLETE : HTTP_INCOMPLETE;
    if (*body_length < expected)
        return at_end ? HTTP_GARBLED : HTTP_INCOMPLETE;
    *body_length = expected;
    return HTTP_COMPLETE;
}
