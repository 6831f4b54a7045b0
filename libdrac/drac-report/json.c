#include "json.h"
#include <string.h>

#define MAX_DEPTH 16

struct reader {
    const unsigned char *at, *end;
};

/* A string being decoded into `out`, or thrown away when that is NULL. */
struct sink {
    char *out;
    size_t size, used;
    int unfit; /* it did not fit, or holds a zero octet */
};

static void put(struct sink *sink, unsigned char octet)
{
    if (sink->out == NULL)
        return;
    if (octet == 0 || sink->used + 1 >= sink->size)
        sink->unfit = 1;
    else
        sink->out[sink->used++] = (char)octet;
}

/* RFC 3629 section 3 */
static void put_code_point(struct sink *sink, uint32_t code)
{
    if (code < 0x80) {
        put(sink, (unsigned char)code);
    } else if (code < 0x800) {
        put(sink, (unsigned char)(0xc0 | code >> 6));
        put(sink, (unsigned char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        put(sink, (unsigned char)(0xe0 | code >> 12));
        put(sink, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
        put(sink, (unsigned char)(0x80 | (code & 0x3f)));
    } else {
        put(sink, (unsigned char)(0xf0 | code >> 18));
        put(sink, (unsigned char)(0x80 | (code >> 12 & 0x3f)));
        put(sink, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
        put(sink, (unsigned char)(0x80 | (code & 0x3f)));
    }
}

static void skip_space(struct reader *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static int take(struct reader *in, unsigned char octet)
{
    skip_space(in);
    if (in->at == in->end || *in->at != octet)
        return 0;
    in->at++;
    return 1;
}

static int read_hex4(struct reader *in, uint32_t *value)
{
    int i;

    *value = 0;
    for (i = 0; i < 4; i++) {
        unsigned char c = in->at < in->end ? *in->at++ : 0;

        if (c >= '0' && c <= '9')
            *value = *value << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            *value = *value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return 0;
    }
    return 1;
}

/* RFC 8259 section 7: \uXXXX, two of them for what lies beyond U+FFFF; half a pair is an error. */
static int read_unicode(struct reader *in, struct sink *sink)
{
    uint32_t code, low;

    if (!read_hex4(in, &code) || (code >= 0xdc00 && code < 0xe000))
        return 0;
    if (code >= 0xd800 && code < 0xdc00) {
        if (in->end - in->at < 2 || in->at[0] != '\\' || in->at[1] != 'u')
            return 0;
        in->at += 2;
        if (!read_hex4(in, &low) || low < 0xdc00 || low >= 0xe000)
            return 0;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    put_code_point(sink, code);
    return 1;
}

static int read_escape(struct reader *in, struct sink *sink)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter;

    if (in->at == in->end || *in->at == 0)
        return 0;
    if (*in->at == 'u') {
        in->at++;
        return read_unicode(in, sink);
    }
    letter = strchr(letters, *in->at++);
    if (letter == NULL)
        return 0;
    put(sink, (unsigned char)meanings[letter - letters]);
    return 1;
}

static int read_string(struct reader *in, struct sink *sink)
{
    if (!take(in, '"'))
        return 0;
    while (in->at < in->end) {
        unsigned char c = *in->at++;

        if (c == '"')
            return 1;
        if (c < 0x20 || (c == '\\' && !read_escape(in, sink)))
            return 0;
        if (c != '\\')
            put(sink, c);
    }
    return 0;
}

/* Numbers, true, false and null are of no use to us: only where they end matters. */
static int skip_word(struct reader *in)
{
    const unsigned char *start = in->at;

    while (in->at < in->end && (strchr("+-.", *in->at) != NULL || (*in->at >= '0' && *in->at <= '9') ||
                                ((*in->at | 0x20) >= 'a' && (*in->at | 0x20) <= 'z')) && *in->at != 0)
        in->at++;
    return in->at != start;
}

/* Skips any value, without recursion: `closers` holds what ends each open array or object. */
static int skip_value(struct reader *in)
{
    unsigned char closers[MAX_DEPTH];
    struct sink nowhere = {NULL, 0, 0, 0};
    int depth = 0;

    do {
        skip_space(in);
        if (in->at == in->end)
            return 0;
        if (*in->at == '[' || *in->at == '{') {
            if (depth == MAX_DEPTH)
                return 0;
            closers[depth++] = *in->at++ == '[' ? ']' : '}';
            skip_space(in);
            if (in->at == in->end || *in->at != closers[depth - 1]) {
                if (closers[depth - 1] == '}' && (!read_string(in, &nowhere) || !take(in, ':')))
                    return 0;
                continue; /* its first value */
            }
        } else if (*in->at == '"' ? !read_string(in, &nowhere) : !skip_word(in)) {
            return 0;
        }
        while (depth > 0 && take(in, closers[depth - 1]))
            depth--;
        if (depth > 0) {
            if (!take(in, ','))
                return 0;
            if (closers[depth - 1] == '}' && (!read_string(in, &nowhere) || !take(in, ':')))
                return 0;
        }
    } while (depth > 0);
    return 1;
}

/* One `"name": value`. Counts in *found how often the key came; 0 when it is not well formed. */
static int read_member(struct reader *in, const char *key, struct sink *sink, int *found)
{
    char name_bytes[64];
    struct sink name = {name_bytes, sizeof name_bytes, 0, 0};
    int matches;

    if (!read_string(in, &name) || !take(in, ':'))
        return 0;
    matches = !name.unfit && name.used == strlen(key) && memcmp(name_bytes, key, name.used) == 0;
    *found += matches;
    skip_space(in);
    if (!matches || *found > 1)
        return skip_value(in);
    return read_string(in, sink); /* what is no string is no answer */
}

/* The whole text, whose string under `key` goes to the sink; answers how often the key came, -1 when not well formed. */
static int read_object(struct reader *in, const char *key, struct sink *sink)
{
    int found = 0;

    if (!take(in, '{'))
        return -1;
    if (take(in, '}'))
        return 0;
    do {
        if (!read_member(in, key, sink, &found))
            return -1;
    } while (take(in, ','));
    if (!take(in, '}'))
        return -1;
    skip_space(in);
    return in->at == in->end ? found : -1;
}

int json_get_string(const unsigned char *json, size_t length, const char *key, char *out, size_t out_size)
{
    struct reader in = {json, json + length};
    struct sink sink = {out, out_size, 0, 0};
    int found = read_object(&in, key, &sink) == 1 && !sink.unfit;

    out[found ? sink.used : 0] = '\0';
    return found;
}

/* Length of the well-formed UTF-8 sequence at `at` (RFC 3629 section 4), 0 when there is none. */
static int utf8_length(const unsigned char *at)
{
    int length = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
               : at[0] >= 0xf0 && at[0] < 0xf5                                                        ? 4
                                                                                                       : 0;
    int i;

    for (i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0) || (at[0] == 0xf0 && at[1] < 0x90) ||
        (at[0] == 0xf4 && at[1] >= 0x90))
        return 0;
    return length;
}

void json_add_string(struct drac_text *text, const char *string)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *at = (const unsigned char *)string;

    drac_text_add_char(text, '"');
    while (*at != '\0') {
        int length = utf8_length(at);

        if (length == 0) {
            drac_text_add(text, "\\ufffd");
            at++;
        } else if (*at < 0x20 || *at == '"' || *at == '\\' || *at == 0x7f) {
            drac_text_add(text, "\\u00");
            drac_text_add_char(text, hex[*at >> 4]);
            drac_text_add_char(text, hex[*at & 15]);
            at++;
        } else {
            while (length-- > 0)
                drac_text_add_char(text, (char)*at++);
        }
    }
    drac_text_add_char(text, '"');
}
