#include "servers.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "../drac.h"
#include "../src/clock.h"
#include "../src/report.h"

#define MAX_HOST_FILE 1024

/* The file of the UW and Qpopper patches: a host, or several in lines; # begins a comment. NULL: there is no file. */
static const char *read_host_file(void)
{
    static char hosts[MAX_HOST_FILE];
    int fd = open(DRAC_HOST_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK), in_comment = 0;
    ssize_t length, i;

    if (fd < 0)
        return NULL;
    length = read(fd, hosts, sizeof hosts - 1);
    close(fd);
    if (length < 0)
        return NULL;
    hosts[length] = '\0';
    for (i = 0; i < length; i++) {
        in_comment = hosts[i] == '#' || (in_comment && hosts[i] != '\n');
        if (in_comment || hosts[i] == '\0')
            hosts[i] = ' ';
    }
    return hosts;
}

static int is_blank(const char *list)
{
    return list[strspn(list, ", \t\r\n")] == '\0';
}

struct servers servers_find(const struct options *options)
{
    struct servers servers = {options->control, options->host, 0, 0};

    if (servers.control != NULL || servers.hosts != NULL) {
        servers.off = servers.hosts != NULL && servers.control == NULL && is_blank(servers.hosts);
        return servers;
    }
    servers.hosts = getenv("DRACHOST");
    if (servers.hosts == NULL)
        servers.hosts = read_host_file();
    if (servers.hosts != NULL) {
        servers.off = is_blank(servers.hosts);
        return servers;
    }
    servers.usual = 1;
    servers.hosts = "localhost";
    return servers;
}

static enum outcome tell_over_rpc(const char *hosts, const struct login *login, long timeout_ms,
                                  struct drac_text *message)
{
    switch (drac_report(hosts, login->client.vers, &login->client, timeout_ms, message)) {
    case ADD_SUCCESS:
        return TOLD;
    case ADD_PERM:
        return REFUSED;
    case DRAC_NO_SERVER:
    case DRAC_CALL_FAILED:
        return UNREACHABLE;
    default:
        return TRY_AGAIN;
    }
}

/* Asked every time: neither is there while dracd is down. */
static const char *socket_of(const struct servers *servers)
{
    if (!servers->usual)
        return servers->control;
    return access(DRAC_REPORT_SOCKET, F_OK) == 0 ? DRAC_REPORT_SOCKET : DRAC_CONTROL_SOCKET;
}

/* Anybody can log in so where it is allowed (RFC 4505). dracd ignores that name; over RPC it would not hear it. */
static int is_anonymous(const char *user)
{
    static const char name[] = "anonymous";

    return strncasecmp(user, name, sizeof name - 1) == 0 &&
           (user[sizeof name - 1] == '\0' || user[sizeof name - 1] == '@');
}

enum outcome servers_tell(const struct servers *servers, const struct login *login, struct session *session,
                          long timeout_ms, struct drac_text *message)
{
    int64_t start = drac_clock_ms();
    const char *control = socket_of(servers);
    enum outcome outcome = UNREACHABLE;

    if (control != NULL)
        outcome = control_tell(control, login, session, timeout_ms, message);
    session->tried = 1;
    session->kept = session->kept || outcome == TOLD;
    if (outcome != UNREACHABLE || servers->hosts == NULL || session->kept)
        return outcome;
    if (is_anonymous(login->user))
        return TOLD;
    if (message->used != 0)
        drac_text_add(message, "; ");
    return tell_over_rpc(servers->hosts, login, timeout_ms - (long)(drac_clock_ms() - start), message);
}

enum outcome servers_tell_end(const struct servers *servers, const struct login *login, const struct session *session,
                              long timeout_ms, struct drac_text *message)
{
    const char *control = socket_of(servers);

    if (!session->kept || control == NULL)
        return TOLD;
    return control_tell_end(control, login, session, timeout_ms, message);
}
