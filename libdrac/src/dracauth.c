/* The functions of drac.h. All they keep is one message and two host lists for each thread. */
#include "../drac.h"
#include <errno.h>
#include <string.h>
#include "clock.h"
#include "report.h"

/* What dracconn remembers: whom to tell. No descriptor, so that it survives fork(2) and closefrom(3). */
struct connection {
    int open;
    char server[DRAC_MAX_HOSTS * 64];
};

static __thread struct connection connection, connection6;
static __thread char message_bytes[DRAC_MAX_MESSAGE];

/* *errmsg is char * for its callers' sake; they never write to it. */
static int answer(char **errmsg, int result, const char *text)
{
    union {
        const char *given;
        char *taken;
    } message;

    message.given = text;
    if (errmsg != NULL)
        *errmsg = message.taken;
    return result;
}

static int report(const char *server, uint32_t vers, const struct drac_client *client, char **errmsg)
{
    struct drac_text message = drac_text_start(message_bytes, sizeof message_bytes);
    int errno_before = errno;
    int result = drac_report(server == NULL ? "" : server, vers, client, drac_timeout_from_environment(), &message);

    errno = errno_before;
    return answer(errmsg, result, message_bytes);
}

static int connect_to(struct connection *to, char *server, uint32_t vers, char **errmsg)
{
    int result;

    to->open = 0;
    if (server != NULL && strlen(server) >= sizeof to->server)
        return answer(errmsg, DRAC_NO_SERVER, "list of hosts too long");
    result = report(server, vers, NULL, errmsg);
    if (result != 0)
        return result;
    memcpy(to->server, server, strlen(server) + 1);
    to->open = 1;
    return answer(errmsg, 0, "Connect succeeded");
}

static int send_over(const struct connection *to, struct drac_client client, char **errmsg)
{
    if (!to->open)
        return answer(errmsg, DRAC_NO_SERVER, "Not connected");
    return report(to->server, client.vers, &client, errmsg);
}

static int disconnect_from(struct connection *to, char **errmsg)
{
    if (!to->open)
        return answer(errmsg, DRAC_NO_SERVER, "Not connected");
    to->open = 0;
    return answer(errmsg, 0, "Disconnect succeeded");
}

int dracauth(char *server, unsigned long userip, char **errmsg)
{
    struct drac_client client = drac_client_from_ipv4(userip);

    return report(server, client.vers, &client, errmsg);
}

int dracconn(char *server, char **errmsg)
{
    return connect_to(&connection, server, (uint32_t)DRACVERS, errmsg);
}

int dracsend(unsigned long userip, char **errmsg)
{
    return send_over(&connection, drac_client_from_ipv4(userip), errmsg);
}

int dracdisc(char **errmsg)
{
    return disconnect_from(&connection, errmsg);
}

int dracauth6(char *server, unsigned char userip[16], char **errmsg)
{
    struct drac_client client = drac_client_from_ipv6(userip);

    return report(server, client.vers, &client, errmsg);
}

int dracconn6(char *server, char **errmsg)
{
    return connect_to(&connection6, server, (uint32_t)DRACVERS6, errmsg);
}

int dracsend6(unsigned char userip[16], char **errmsg)
{
    return send_over(&connection6, drac_client_from_ipv6(userip), errmsg);
}

int dracdisc6(char **errmsg)
{
    return disconnect_from(&connection6, errmsg);
}
