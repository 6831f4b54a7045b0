#include "login.h"
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include "../src/text.h"

int login_set_address(struct login *login, const char *text, size_t length)
{
    char ended[INET6_ADDRSTRLEN];
    unsigned char octets[16];
    uint32_t ipv4;

    if (length >= sizeof ended || memchr(text, '\0', length) != NULL)
        return 0;
    memcpy(ended, text, length);
    ended[length] = '\0';
    if (inet_pton(AF_INET, ended, octets) == 1) {
        memcpy(&ipv4, octets, 4);
        login->client = drac_client_from_ipv4(ipv4);
    } else if (inet_pton(AF_INET6, ended, octets) == 1) {
        login->client = drac_client_from_ipv6(octets);
    } else {
        return 0;
    }
    return inet_ntop(login->client.vers == 1 ? AF_INET : AF_INET6, login->client.octets, login->address,
                     sizeof login->address) != NULL;
}

void login_set_user(struct login *login, const char *user)
{
    struct drac_text text = drac_text_start(login->user, sizeof login->user);

    if (user != NULL)
        drac_text_add(&text, user);
}

static int is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
}

void login_set_source(struct login *login, const char *prefix, const char *name)
{
    struct drac_text text = drac_text_start(login->source, sizeof login->source);

    drac_text_add(&text, prefix);
    for (; *name != '\0'; name++)
        if (is_word_char(*name))
            drac_text_add_char(&text, *name);
}
