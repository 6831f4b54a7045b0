// rpcbind versions 3 and 4, RFC 1833 section 2. Names are the RFC's; program and port are the portmapper's.
import { type XdrReader, XdrWriter } from '../oncrpc/xdr.ts'

export const RPCBVERS = 3
export const RPCBVERS4 = 4

/** The same numbers in both versions as far as both have them; those from GETVERSADDR on are version 4's. */
export const RpcbProc = {
  RPCBPROC_NULL: 0,
  RPCBPROC_SET: 1,
  RPCBPROC_UNSET: 2,
  RPCBPROC_GETADDR: 3,
  RPCBPROC_DUMP: 4,
  /** CALLIT in version 3. */
  RPCBPROC_BCAST: 5,
  RPCBPROC_GETTIME: 6,
  RPCBPROC_UADDR2TADDR: 7,
  RPCBPROC_TADDR2UADDR: 8,
  RPCBPROC_GETVERSADDR: 9,
  RPCBPROC_INDIRECT: 10,
  RPCBPROC_GETADDRLIST: 11,
  RPCBPROC_GETSTAT: 12,
} as const

/** The RFC sets no limit; no netid, address or owner is as long as this. */
const MAX_STRING = 255
/** A DUMP of more than this is refused. */
const MAX_RPCBS = 4096

/** `rpcb`. */
export interface Rpcb {
  readonly prog: number
  readonly vers: number
  /** `udp`, `tcp`, `udp6`, `tcp6`, `local`. */
  readonly netid: string
  /** Universal address, see universal-address.ts; empty in GETADDR. */
  readonly addr: string
  readonly owner: string
}

/** The argument of SET, UNSET, GETADDR and GETVERSADDR, to its last byte. */
export const decodeRpcb = (args: XdrReader): Rpcb => args.whole(rpcb)
export const encodeRpcb = (value: Rpcb): Buffer => putRpcb(new XdrWriter(), value).bytes()

/** The result of GETADDR and GETVERSADDR: a universal address, empty for "not registered". */
export const decodeAddr = (results: XdrReader): string => results.whole((r) => r.string(MAX_STRING))
export const encodeAddr = (addr: string): Buffer => new XdrWriter(40).string(addr, MAX_STRING).bytes()

/** The result of DUMP. */
export const decodeRpcbs = (results: XdrReader): Rpcb[] => results.whole((r) => r.list(MAX_RPCBS, rpcb))
export const encodeRpcbs = (values: readonly Rpcb[]): Buffer => new XdrWriter().list(values, MAX_RPCBS, putRpcb).bytes()

const rpcb = (r: XdrReader): Rpcb => ({
  prog: r.uint(),
  vers: r.uint(),
  netid: r.string(MAX_STRING),
  addr: r.string(MAX_STRING),
  owner: r.string(MAX_STRING),
})

const putRpcb = (writer: XdrWriter, { prog, vers, netid, addr, owner }: Rpcb): XdrWriter =>
  writer.uint(prog).uint(vers).string(netid, MAX_STRING).string(addr, MAX_STRING).string(owner, MAX_STRING)
