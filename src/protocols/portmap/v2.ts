// Portmapper version 2, RFC 1833 section 3. Names are the RFC's.
import { type XdrReader, XdrWriter } from '../oncrpc/xdr.ts'

export const PMAP_PORT = 111
/** The program number of the portmapper and of rpcbind alike. */
export const PMAP_PROG = 100_000
export const PMAP_VERS = 2

export const PmapProc = {
  PMAPPROC_NULL: 0,
  PMAPPROC_SET: 1,
  PMAPPROC_UNSET: 2,
  PMAPPROC_GETPORT: 3,
  PMAPPROC_DUMP: 4,
  PMAPPROC_CALLIT: 5,
} as const

export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17

/** A DUMP of more than this is refused. */
const MAX_MAPPINGS = 4096
/** Arguments and results that CALLIT carries: what fits a datagram of libtirpc's UDPMSGSIZE, and no more. */
const MAX_CALLIT_BYTES = 8800

/** `mapping`. */
export interface Mapping {
  readonly prog: number
  readonly vers: number
  /** IPPROTO_TCP or IPPROTO_UDP. */
  readonly prot: number
  /** UNSET and GETPORT ignore it. */
  readonly port: number
}

/** `call_args`: a call that the portmapper is asked to make in the caller's stead. */
export interface CallitArgs {
  readonly prog: number
  readonly vers: number
  readonly proc: number
  readonly args: Uint8Array
}

/** `call_result`. */
export interface CallitResult {
  readonly port: number
  readonly res: Uint8Array
}

/** The argument of SET, UNSET and GETPORT, to its last byte. */
export const decodeMapping = (args: XdrReader): Mapping => args.whole(mapping)
export const encodeMapping = (value: Mapping): Buffer => putMapping(new XdrWriter(16), value).bytes()

/** The result of GETPORT, 0 for "not registered". */
export const decodePort = (results: XdrReader): number => results.whole((r) => r.uint())
export const encodePort = (port: number): Buffer => new XdrWriter(4).uint(port).bytes()

/** The result of SET and UNSET, of rpcbind too: whether it was done. */
export const decodeDone = (results: XdrReader): boolean => results.whole((r) => r.bool())
export const encodeDone = (done: boolean): Buffer => new XdrWriter(4).bool(done).bytes()

/** The result of DUMP. */
export const decodeMappings = (results: XdrReader): Mapping[] => results.whole((r) => r.list(MAX_MAPPINGS, mapping))
export const encodeMappings = (mappings: readonly Mapping[]): Buffer =>
  new XdrWriter(20 * mappings.length + 4).list(mappings, MAX_MAPPINGS, putMapping).bytes()

/** The argument of CALLIT, and of rpcbind's RPCBPROC_BCAST and RPCBPROC_INDIRECT (`rpcb_rmtcallargs`). */
export const decodeCallitArgs = (args: XdrReader): CallitArgs =>
  args.whole((r) => ({ prog: r.uint(), vers: r.uint(), proc: r.uint(), args: r.opaque(MAX_CALLIT_BYTES) }))
export const encodeCallitArgs = ({ prog, vers, proc, args }: CallitArgs): Buffer =>
  new XdrWriter(16 + args.length).uint(prog).uint(vers).uint(proc).opaque(args, MAX_CALLIT_BYTES).bytes()

export const decodeCallitResult = (results: XdrReader): CallitResult =>
  results.whole((r) => ({ port: r.uint(), res: r.opaque(MAX_CALLIT_BYTES) }))
export const encodeCallitResult = ({ port, res }: CallitResult): Buffer =>
  new XdrWriter(8 + res.length).uint(port).opaque(res, MAX_CALLIT_BYTES).bytes()

const mapping = (r: XdrReader): Mapping => ({ prog: r.uint(), vers: r.uint(), prot: r.uint(), port: r.uint() })

const putMapping = (writer: XdrWriter, { prog, vers, prot, port }: Mapping): XdrWriter =>
  writer.uint(prog).uint(vers).uint(prot).uint(port)
