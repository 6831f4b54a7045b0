/* Logins that servers describe in the environment of what they execute. */
#include "login.h"
#include <stdlib.h>
#include <string.h>

static enum login_result address_from(struct login *login, const char *variable)
{
    const char *address = getenv(variable);

    if (address == NULL || *address == '\0')
        return LOGIN_NONE;
    return login_set_address(login, address, strlen(address)) ? LOGIN_FOUND : LOGIN_BAD;
}

/* `auth optional pam_exec` runs after wrong passwords too, so that type must never open a relay. */
enum login_result login_from_pam(struct login *login)
{
    const char *type = getenv("PAM_TYPE"), *service = getenv("PAM_SERVICE");

    if (type == NULL || (strcmp(type, "account") != 0 && strcmp(type, "open_session") != 0))
        return LOGIN_NONE;
    login_set_user(login, getenv("PAM_USER"));
    login_set_source(login, "pam-", service == NULL ? "" : service);
    return address_from(login, "PAM_RHOST");
}

/* courierpop3d runs without PROTOCOL. */
enum login_result login_from_courier(struct login *login)
{
    const char *protocol = getenv("PROTOCOL");

    login_set_user(login, getenv("AUTHENTICATED"));
    login_set_source(login, "courier-", protocol != NULL && strcmp(protocol, "IMAP") == 0 ? "imap" : "pop3");
    return address_from(login, "TCPREMOTEIP");
}
