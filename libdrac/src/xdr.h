/* XDR, RFC 4506: every item is a multiple of four octets, most significant octet first. */
#ifndef DRAC_XDR_H
#define DRAC_XDR_H
#include "platform.h"

/* A writer over a caller's buffer; `full` is set, and nothing more written, when something did not fit. */
struct drac_xdr_out {
    unsigned char *bytes;
    size_t size, used;
    int full;
};

void drac_xdr_put_uint(struct drac_xdr_out *out, uint32_t value);
void drac_xdr_put_string(struct drac_xdr_out *out, const char *text);

/* A reader over a caller's bytes. The get functions answer 1, or 0 when the bytes end too early. */
struct drac_xdr_in {
    const unsigned char *bytes;
    size_t size, at;
};

int drac_xdr_get_uint(struct drac_xdr_in *in, uint32_t *value);
/* Variable-length opaque or string of at most `limit` octets; *data points into the reader's bytes. */
int drac_xdr_get_opaque(struct drac_xdr_in *in, uint32_t limit, const unsigned char **data, uint32_t *length);
#endif
