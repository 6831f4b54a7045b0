#include "xdr.h"
#include <string.h>

/* RFC 4506 section 4.2, unsigned integer; int and enum are sent alike. */
void drac_xdr_put_uint(struct drac_xdr_out *out, uint32_t value)
{
    unsigned char *at = out->bytes + out->used;

    if (out->full || out->size - out->used < 4) {
        out->full = 1;
        return;
    }
    at[0] = (unsigned char)(value >> 24);
    at[1] = (unsigned char)(value >> 16);
    at[2] = (unsigned char)(value >> 8);
    at[3] = (unsigned char)value;
    out->used += 4;
}

/* RFC 4506 section 4.11: the length, the octets, and zeros up to a multiple of four. */
void drac_xdr_put_string(struct drac_xdr_out *out, const char *text)
{
    size_t length = strlen(text);
    size_t padded;

    if (length > 0xffff) {
        out->full = 1;
        return;
    }
    padded = (length + 3) & ~(size_t)3;
    drac_xdr_put_uint(out, (uint32_t)length);
    if (out->full || out->size - out->used < padded) {
        out->full = 1;
        return;
    }
    memset(out->bytes + out->used, 0, padded);
    memcpy(out->bytes + out->used, text, length);
    out->used += padded;
}

int drac_xdr_get_uint(struct drac_xdr_in *in, uint32_t *value)
{
    const unsigned char *at = in->bytes + in->at;

    if (in->size - in->at < 4)
        return 0;
    *value = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
    in->at += 4;
    return 1;
}

/* RFC 4506 section 4.10. The limit is tested before the length is rounded up, so nothing can wrap. */
int drac_xdr_get_opaque(struct drac_xdr_in *in, uint32_t limit, const unsigned char **data, uint32_t *length)
{
    size_t padded;

    if (!drac_xdr_get_uint(in, length) || *length > limit)
        return 0;
    padded = ((size_t)*length + 3) & ~(size_t)3;
    if (in->size - in->at < padded)
        return 0;
    *data = in->bytes + in->at;
    in->at += padded;
    return 1;
}
