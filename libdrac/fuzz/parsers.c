/*
 * libFuzzer's entry: the first octet chooses a parser, the rest is what came over the wire. Besides what the sanitizers
 * see, each parser keeps the promises of its header.
 */
#include <stdlib.h>
#include <string.h>
#include "../drac-report/http.h"
#include "../drac-report/json.h"
#include "../src/add.h"
#include "../src/clock.h"
#include "../src/hosts.h"
#include "../src/message.h"
#include "../src/portmap.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void fuzz_add_reply(const unsigned char *data, size_t size)
{
    struct drac_rpc_error error;
    char bytes[128];
    struct drac_text text = drac_text_start(bytes, sizeof bytes);
    int stat;

    drac_add_get_reply(data, size, &error, &stat);
    promise(stat >= 0 && stat <= 3);
    promise(error.status != DRAC_RPC_SUCCESS || size >= 28);
    drac_message_add_call_error(&text, &error);
    promise(text.used > 0 && strlen(bytes) == text.used);
}

static void fuzz_portmap_reply(const unsigned char *data, size_t size, enum drac_portmap_question question)
{
    struct drac_rpc_error error;
    unsigned port;

    drac_portmap_get_reply(data, size, question, &error, &port);
    promise(port <= 65535 && (port != 0) == (error.status == DRAC_RPC_SUCCESS));
}

static void fuzz_hosts(const unsigned char *data, size_t size)
{
    struct drac_host hosts[DRAC_MAX_HOSTS];
    int count = drac_hosts_parse((const char *)data, size, hosts), i;

    promise(count >= -1 && count <= DRAC_MAX_HOSTS);
    for (i = 0; i < count; i++) {
        promise(memchr(hosts[i].name, '\0', sizeof hosts[i].name) != NULL);
        promise(memchr(hosts[i].text, '\0', sizeof hosts[i].text) != NULL && hosts[i].text[0] != '\0');
        promise(hosts[i].port <= 65535 && (!hosts[i].valid || hosts[i].name[0] != '\0'));
    }
}

static void fuzz_json(const unsigned char *data, size_t size)
{
    char out[32];

    memset(out, 'x', sizeof out);
    json_get_string(data, size, "k", out, sizeof out);
    promise(memchr(out, '\0', sizeof out) != NULL);
}

/* What is written is read again, whatever the octets; only those that are no UTF-8 come back as others. */
static void fuzz_json_round_trip(const unsigned char *data, size_t size)
{
    char string[101], json[1024], again[512];
    struct drac_text text = drac_text_start(json, sizeof json);

    size = size < sizeof string ? size : sizeof string - 1;
    memcpy(string, data, size);
    string[size] = '\0';
    drac_text_add(&text, "{\"k\":");
    json_add_string(&text, string);
    drac_text_add(&text, "}");
    promise(json_get_string((const unsigned char *)json, text.used, "k", again, sizeof again));
    promise(strstr(again, "\xef\xbf\xbd") != NULL || strcmp(again, string) == 0);
}

static void fuzz_http(const unsigned char *data, size_t size)
{
    size_t body = 0, length = 0, at;
    int code = 0;
    enum http_result result = http_get_response(data, size, 1, &code, &body, &length);

    promise(result != HTTP_INCOMPLETE);
    promise(result != HTTP_COMPLETE || (code >= 100 && code <= 599 && body <= size && length <= size - body));
    /* Nothing that is complete already is garbled once more has come, and the other way round. */
    for (at = 0; at < size && at < 64; at++)
        if (http_get_response(data, at, 0, &code, &body, &length) == HTTP_GARBLED)
            promise(result == HTTP_GARBLED);
}

static void fuzz_cyrus(const unsigned char *data, size_t size)
{
    struct login login;
    enum login_result result;

    memset(&login, 0, sizeof login);
    result = login_from_cyrus_event(&login, data, size);
    promise(memchr(login.user, '\0', sizeof login.user) != NULL);
    promise(memchr(login.session, '\0', sizeof login.session) != NULL);
    promise(result != LOGIN_ENDED || login.session[0] != '\0');
    promise((login.address[0] != '\0') == (result == LOGIN_FOUND));
}

static void fuzz_address(const unsigned char *data, size_t size)
{
    struct login login;

    memset(&login, 0, sizeof login);
    if (login_set_address(&login, (const char *)data, size)) {
        struct login again = login;

        promise(login_set_address(&again, login.address, strlen(login.address)));
        promise(memcmp(&again.client, &login.client, sizeof again.client) == 0);
    }
}

static void fuzz_timeout(const unsigned char *data, size_t size)
{
    char text[64];
    long ms;

    size = size < sizeof text ? size : sizeof text - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    ms = drac_parse_timeout(text);
    promise(ms == -1 || (ms >= DRAC_MIN_TIMEOUT_MS && ms <= DRAC_MAX_TIMEOUT_MS));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    switch (data[0]) {
    case 'a':
        fuzz_add_reply(data + 1, size - 1);
        break;
    case 'p':
        fuzz_portmap_reply(data + 1, size - 1, DRAC_PORTMAP_GETPORT);
        break;
    case 'u':
        fuzz_portmap_reply(data + 1, size - 1, DRAC_PORTMAP_GETADDR);
        break;
    case 'h':
        fuzz_hosts(data + 1, size - 1);
        break;
    case 'j':
        fuzz_json(data + 1, size - 1);
        break;
    case 'J':
        fuzz_json_round_trip(data + 1, size - 1);
        break;
    case 'w':
        fuzz_http(data + 1, size - 1);
        break;
    case 'c':
        fuzz_cyrus(data + 1, size - 1);
        break;
    case 'i':
        fuzz_address(data + 1, size - 1);
        break;
    case 't':
        fuzz_timeout(data + 1, size - 1);
        break;
    default:
        return -1; /* not worth keeping */
    }
    return 0;
}
