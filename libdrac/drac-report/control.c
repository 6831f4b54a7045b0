#include "control.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "../src/clock.h"
#include "../src/socket.h"
#include "http.h"
#include "json.h"

static void add_errno(struct drac_text *message, const char *path, int errnum)
{
    char words[96];

    drac_text_add(message, path);
    drac_text_add(message, ": ");
    drac_text_add(message, strerror_r(errnum, words, sizeof words) == 0 ? words : "error");
}

static int connect_to(const char *path, struct drac_text *message)
{
    struct sockaddr_un address;
    int fd;

    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address.sun_path) {
        add_errno(message, path, ENAMETOOLONG);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = drac_socket(AF_UNIX, SOCK_STREAM);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    add_errno(message, path, errno);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* 1 when fd is ready for `events`, 0 when time is up. */
static int wait_until(int fd, short events, int64_t deadline)
{
    struct pollfd polled;
    int64_t now;

    polled.fd = fd;
    polled.events = events;
    while ((now = drac_clock_ms()) < deadline)
        if (poll(&polled, 1, (int)(deadline - now)) > 0)
            return 1;
    return 0;
}

static int send_all(int fd, const char *bytes, size_t length, int64_t deadline)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            return 0;
        } else if (!wait_until(fd, POLLOUT, deadline)) {
            return 0;
        }
    }
    return 1;
}

/* What the codes mean; the body's "status" or "error" is for people. */
static enum outcome outcome_of(int code, const unsigned char *body, size_t body_length, struct drac_text *message)
{
    char words[128];
    int i;

    drac_text_add_number(message, (unsigned long)code);
    if (json_get_string(body, body_length, code == 200 ? "status" : "error", words, sizeof words)) {
        drac_text_add(message, " ");
        for (i = 0; words[i] != '\0'; i++)
            drac_text_add_char(message, (unsigned char)words[i] < 0x20 || words[i] == 0x7f ? '?' : words[i]);
    }
    if (code >= 200 && code < 300)
        return TOLD;
    return code >= 500 || code == 429 ? TRY_AGAIN : REFUSED;
}

static enum outcome receive(int fd, int64_t deadline, struct drac_text *message)
{
    unsigned char bytes[HTTP_MAX_RESPONSE];
    size_t used = 0, body = 0, body_length = 0;
    int code = 0;
    enum http_result result = HTTP_INCOMPLETE;

    while (result == HTTP_INCOMPLETE && used < sizeof bytes && wait_until(fd, POLLIN, deadline)) {
        ssize_t got = recv(fd, bytes + used, sizeof bytes - used, 0);

        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        used += got > 0 ? (size_t)got : 0;
        result = http_get_response(bytes, used, got <= 0, &code, &body, &body_length);
    }
    if (result == HTTP_COMPLETE)
        return outcome_of(code, bytes + body, body_length, message);
    drac_text_add(message, result == HTTP_GARBLED || used == sizeof bytes ? "not an HTTP response" : "timed out");
    return TRY_AGAIN;
}

static enum outcome ask(const char *path, const struct drac_text *request, long timeout_ms, struct drac_text *message)
{
    int64_t deadline = drac_clock_ms() + timeout_ms;
    enum outcome outcome = TRY_AGAIN;
    int fd = connect_to(path, message);

    if (fd < 0)
        return UNREACHABLE;
    if (send_all(fd, request->bytes, request->used, deadline))
        outcome = receive(fd, deadline, message);
    else
        drac_text_add(message, "could not send");
    close(fd);
    return outcome;
}

enum outcome control_tell(const char *path, const struct login *login, const struct session *session, long timeout_ms,
                          struct drac_text *message)
{
    char bytes[HTTP_MAX_REQUEST];
    struct drac_text request = drac_text_start(bytes, sizeof bytes);

    http_add_login_request(&request, login, session);
    return ask(path, &request, timeout_ms, message);
}

enum outcome control_tell_end(const char *path, const struct login *login, const struct session *session,
                              long timeout_ms, struct drac_text *message)
{
    char bytes[HTTP_MAX_REQUEST];
    struct drac_text request = drac_text_start(bytes, sizeof bytes);

    http_add_logout_request(&request, login, session);
    return ask(path, &request, timeout_ms, message);
}
