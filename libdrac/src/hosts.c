#include "hosts.h"
#include <string.h>

static int is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Decimal, 1 to 65535, nothing else beside it; 0 when it is not that. */
static unsigned parse_port(const char *text, size_t length)
{
    unsigned port = 0;
    size_t i;

    if (length == 0 || length > 5)
        return 0;
    for (i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

/* Control characters have no place in a host name, nor in a log that shows one. */
static int is_plain(const char *text, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x21 || text[i] == 0x7f)
            return 0;
    return 1;
}

/* RFC 3986 section 3.2.2's brackets; a bare address with more than one colon is IPv6 without a port. */
static void parse_host(const char *item, size_t length, struct drac_host *host)
{
    const char *name = item, *end = item + length, *name_end = end, *port = NULL;
    const char *colon = memchr(item, ':', length);

    if (item[0] == '[') {
        name++;
        name_end = memchr(item, ']', length);
        if (name_end == NULL || (name_end + 1 != end && name_end[1] != ':'))
            return;
        port = name_end + 1 == end ? NULL : name_end + 2;
    } else if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) == NULL) {
        name_end = colon;
        port = colon + 1;
    }
    if (name == name_end || (size_t)(name_end - name) >= sizeof host->name || !is_plain(item, length))
        return;
    memcpy(host->name, name, (size_t)(name_end - name));
    if (port != NULL && (host->port = parse_port(port, (size_t)(end - port))) == 0)
        return;
    host->valid = 1;
}

static void copy_text(const char *item, size_t length, char text[DRAC_MAX_HOST_NAME])
{
    size_t i, kept = length < DRAC_MAX_HOST_NAME ? length : DRAC_MAX_HOST_NAME - 1;

    for (i = 0; i < kept; i++)
        text[i] = (unsigned char)item[i] < 0x21 || item[i] == 0x7f ? '?' : item[i];
    text[kept] = '\0';
}

int drac_hosts_parse(const char *list, size_t length, struct drac_host hosts[DRAC_MAX_HOSTS])
{
    size_t at = 0, start;
    int count = 0;

    for (;;) {
        while (at < length && is_separator(list[at]))
            at++;
        if (at == length)
            return count;
        if (count == DRAC_MAX_HOSTS)
            return -1;
        start = at;
        while (at < length && !is_separator(list[at]))
            at++;
        memset(&hosts[count], 0, sizeof hosts[count]);
        copy_text(list + start, at - start, hosts[count].text);
        parse_host(list + start, at - start, &hosts[count]);
        count++;
    }
}
