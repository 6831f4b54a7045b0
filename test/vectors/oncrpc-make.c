/*
 * Makes the golden bytes of oncrpc.txt, oncrpc-portmap.txt and drac.txt with libtirpc's own XDR routines and what
 * rpcgen makes of libdrac/drac.x. The .txt files say with which versions; to make them again:
 *
 *   rpcgen -h -o drac.h drac.x; rpcgen -c -o drac_xdr.c drac.x      (drac.x from libdrac/)
 *   gcc -I/usr/include/tirpc -I. -o oncrpc-make oncrpc-make.c drac_xdr.c -ltirpc
 *   ./oncrpc-make oncrpc; ./oncrpc-make portmap; ./oncrpc-make drac
 *
 * Each line is a name, a blank and the bytes in hexadecimal.
 */
#include <rpc/rpc.h>
#include <rpc/pmap_prot.h>
#include <rpc/pmap_rmt.h>
#include <rpc/rpcb_prot.h>
#include <stdio.h>
#include <string.h>
#include "drac.h"

#define XID 0x11223344

static char out[16384];
static XDR x;

static void start(void) { memset(out, 0xee, sizeof out); xdrmem_create(&x, out, sizeof out, XDR_ENCODE); }
static void bytes(const char *name, const char *at, unsigned n) {
    printf("%s ", name);
    for (unsigned i = 0; i < n; i++) printf("%02x", at[i] & 0xff);
    printf("\n");
}
static void finish(const char *name, bool_t done) {
    if (!done) { fprintf(stderr, "%s: not encoded\n", name); }
    bytes(name, out, xdr_getpos(&x));
}

static struct rpc_msg call(u_long prog, u_long vers, u_long proc) {
    struct rpc_msg m;
    memset(&m, 0, sizeof m);
    m.rm_xid = XID;
    m.rm_direction = CALL;
    m.rm_call.cb_rpcvers = RPC_MSG_VERSION;
    m.rm_call.cb_prog = prog;
    m.rm_call.cb_vers = vers;
    m.rm_call.cb_proc = proc;
    m.rm_call.cb_cred = _null_auth;
    m.rm_call.cb_verf = _null_auth;
    return m;
}

static char sysbody[MAX_AUTH_BYTES];
static struct opaque_auth authsys(char *machine, gid_t *gids, unsigned n) {
    struct authunix_parms p = { 0x5eed, machine, 1000, 100, n, gids };
    XDR b;
    xdrmem_create(&b, sysbody, sizeof sysbody, XDR_ENCODE);
    if (!xdr_authunix_parms(&b, &p)) fprintf(stderr, "authunix_parms\n");
    struct opaque_auth a = { AUTH_SYS, sysbody, xdr_getpos(&b) };
    return a;
}

static struct rpc_msg accepted(enum accept_stat stat) {
    struct rpc_msg m;
    memset(&m, 0, sizeof m);
    m.rm_xid = XID;
    m.rm_direction = REPLY;
    m.rm_reply.rp_stat = MSG_ACCEPTED;
    m.acpted_rply.ar_verf = _null_auth;
    m.acpted_rply.ar_stat = stat;
    return m;
}
static void reply(const char *name, struct rpc_msg m) { start(); finish(name, xdr_replymsg(&x, &m)); }

static addstat one_stat = ADD_PERM;

static char wire[4096];
static unsigned wired;
static int to_wire(void *handle, void *buf, int n) {
    (void)handle;
    memcpy(wire + wired, buf, n);
    wired += n;
    return n;
}

static void oncrpc(void) {
    struct rpc_msg m = call(900101, 1, 0);
    start(); finish("call.null", xdr_callmsg(&x, &m));
    gid_t gids[16];
    for (unsigned i = 0; i < 16; i++) gids[i] = 2000 + i;
    m.rm_call.cb_cred = authsys("pop.example.net", gids, 3);
    start(); finish("call.authsys", xdr_callmsg(&x, &m));
    char longest[256];
    memset(longest, 'm', 255); longest[255] = 0;
    m.rm_call.cb_cred = authsys(longest, gids, 16);
    start(); finish("call.authsys.longest", xdr_callmsg(&x, &m));
    m.rm_call.cb_cred = authsys("", gids, 0);
    start(); finish("call.authsys.shortest", xdr_callmsg(&x, &m));

    m = accepted(SUCCESS);
    m.acpted_rply.ar_results.where = (caddr_t)&one_stat;
    m.acpted_rply.ar_results.proc = (xdrproc_t)xdr_addstat;
    reply("reply.SUCCESS", m);
    reply("reply.PROG_UNAVAIL", accepted(PROG_UNAVAIL));
    m = accepted(PROG_MISMATCH);
    m.acpted_rply.ar_vers.low = 1; m.acpted_rply.ar_vers.high = 2;
    reply("reply.PROG_MISMATCH", m);
    reply("reply.PROC_UNAVAIL", accepted(PROC_UNAVAIL));
    reply("reply.GARBAGE_ARGS", accepted(GARBAGE_ARGS));
    reply("reply.SYSTEM_ERR", accepted(SYSTEM_ERR));
    memset(&m, 0, sizeof m);
    m.rm_xid = XID; m.rm_direction = REPLY; m.rm_reply.rp_stat = MSG_DENIED;
    m.rjcted_rply.rj_stat = RPC_MISMATCH;
    m.rjcted_rply.rj_vers.low = 2; m.rjcted_rply.rj_vers.high = 2;
    reply("reply.RPC_MISMATCH", m);
    m.rjcted_rply.rj_stat = AUTH_ERROR;
    m.rjcted_rply.rj_why = AUTH_TOOWEAK;
    reply("reply.AUTH_ERROR", m);

    /* 100 bytes is the smallest send buffer that libtirpc takes: a call of 104 bytes goes as two fragments. */
    addrec6 a = { { 0x20, 0x01, 0x0d, (char)0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xfe } };
    for (unsigned size = 100; size <= 4000; size += 3900) {
        m = call(DRACPROG, DRACVERS6, DRACPROC_ADD6);
        wired = 0;
        memset(&x, 0, sizeof x);
        xdrrec_create(&x, size, size, NULL, NULL, to_wire);
        x.x_op = XDR_ENCODE;
        if (!xdr_callmsg(&x, &m) || !xdr_addrec6(&x, &a) || !xdrrec_endofrecord(&x, TRUE)) fprintf(stderr, "record\n");
        bytes(size == 100 ? "record.fragmented" : "record.whole", wire, wired);
        XDR_DESTROY(&x);
    }

    /* Section 4 of RFC 4506, one item each. */
    start();
    int i = -2; u_int u = 0xfffffffe; int64_t h = -2; uint64_t uh = 0xfedcba9876543210ULL; bool_t t = TRUE;
    char op[5] = { 1, 2, 3, 4, 5 }, *opp = op, *s = "drac"; u_int n = 5;
    int arr[3] = { 1, -1, 7 }; char *ap = (char *)arr; u_int an = 3;
    int *some = &arr[2], *none = NULL;
    finish("xdr.items", xdr_int(&x, &i) && xdr_u_int(&x, &u) && xdr_int64_t(&x, &h) && xdr_uint64_t(&x, &uh) &&
        xdr_bool(&x, &t) && xdr_opaque(&x, op, 5) && xdr_bytes(&x, &opp, &n, 16) && xdr_string(&x, &s, 16) &&
        xdr_array(&x, &ap, &an, 8, sizeof(int), (xdrproc_t)xdr_int) &&
        xdr_pointer(&x, (char **)&some, sizeof(int), (xdrproc_t)xdr_int) &&
        xdr_pointer(&x, (char **)&none, sizeof(int), (xdrproc_t)xdr_int) && xdr_void());
}

static void portmap(void) {
    struct pmap p = { 900101, 1, IPPROTO_UDP, 35000 };
    start(); finish("pmap.mapping", xdr_pmap(&x, &p));
    struct pmaplist second = { { 900101, 2, IPPROTO_TCP, 35001 }, NULL }, first = { p, &second }, *list = &first;
    start(); finish("pmap.dump", xdr_pmaplist(&x, &list));
    list = NULL;
    start(); finish("pmap.dump.empty", xdr_pmaplist(&x, &list));
    u_int word = 0xc0000219;
    struct rmtcallargs ca = { 900101, 1, 1, 0, (caddr_t)&word, (xdrproc_t)xdr_u_int };
    start(); finish("pmap.callit", xdr_rmtcall_args(&x, &ca));

    RPCB b = { 900101, 1, "udp", "127.0.0.1.35.41", "nobody" };
    start(); finish("rpcb", xdr_rpcb(&x, &b));
    RPCB b6 = { 900101, 2, "tcp6", "::1.0.111", "superuser" };
    RPCBLIST l2 = { b6, NULL }, l1 = { b, &l2 }, *rl = &l1;
    start(); finish("rpcb.dump", xdr_rpcblist_ptr(&x, (rpcblist_ptr *)&rl));
    rl = NULL;
    start(); finish("rpcb.dump.empty", xdr_rpcblist_ptr(&x, (rpcblist_ptr *)&rl));
    char *addr = "::1.0.111";
    start(); finish("rpcb.addr", xdr_wrapstring(&x, &addr));
    addr = "";
    start(); finish("rpcb.addr.none", xdr_wrapstring(&x, &addr));
}

static void drac(void) {
    struct rpc_msg m = call(DRACPROG, DRACVERS, DRACPROC_ADD);
    addrec a = { 0xc0000219 };
    start(); finish("add4 192.0.2.25", xdr_callmsg(&x, &m) && xdr_addrec(&x, &a));
    m = call(DRACPROG, DRACVERS6, DRACPROC_ADD6);
    addrec6 a6 = { { 0x20, 0x01, 0x0d, (char)0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xfe } };
    start(); finish("add6 2001:db8::fffe", xdr_callmsg(&x, &m) && xdr_addrec6(&x, &a6));
    addstat stats[] = { ADD_SUCCESS, ADD_PERM, ADD_SYSERR, ADD_UNKOWN };
    const char *names[] = { "ADD_SUCCESS", "ADD_PERM", "ADD_SYSERR", "ADD_UNKOWN" };
    for (int i = 0; i < 4; i++) {
        m = accepted(SUCCESS);
        m.acpted_rply.ar_results.where = (caddr_t)&stats[i];
        m.acpted_rply.ar_results.proc = (xdrproc_t)xdr_addstat;
        reply(names[i], m);
    }
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "oncrpc")) oncrpc();
    else if (!strcmp(what, "portmap")) portmap();
    else if (!strcmp(what, "drac")) drac();
    else return 64;
    return 0;
}
