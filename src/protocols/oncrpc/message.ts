// ONC RPC version 2 messages, RFC 5531 section 9. Names are the RFC's.
import { malformed } from '../../lib/errors.ts'
import { AUTH_NONE, decodeOpaqueAuth, encodeOpaqueAuth, type OpaqueAuth } from './auth.ts'
import { XdrReader, XdrWriter } from './xdr.ts'

/** The only version of the RPC protocol itself that is spoken. */
export const RPC_VERSION = 2

export const MsgType = { CALL: 0, REPLY: 1 } as const
export const ReplyStat = { MSG_ACCEPTED: 0, MSG_DENIED: 1 } as const
export const AcceptStat = {
  SUCCESS: 0,
  PROG_UNAVAIL: 1,
  PROG_MISMATCH: 2,
  PROC_UNAVAIL: 3,
  GARBAGE_ARGS: 4,
  SYSTEM_ERR: 5,
} as const
export type AcceptStat = (typeof AcceptStat)[keyof typeof AcceptStat]
export const RejectStat = { RPC_MISMATCH: 0, AUTH_ERROR: 1 } as const

export interface Call {
  readonly xid: number
  /** Anything: what is not RPC_VERSION is to be answered with encodeRpcMismatch. */
  readonly rpcvers: number
  readonly prog: number
  readonly vers: number
  readonly proc: number
  readonly cred: OpaqueAuth
  readonly verf: OpaqueAuth
  /** Stands at the first byte of the procedure's arguments; a view into the datagram or record. */
  readonly args: XdrReader
}

/**
 * Reads one call header of rpcvers 2's layout. A wrong rpcvers, an unknown program and an unknown credential flavor are
 * values. Throws `malformed` for anything that is not a whole CALL header: such bytes deserve no answer.
 */
export function decodeCall(bytes: Uint8Array): Call {
  const args = new XdrReader(bytes)
  const xid = args.uint()
  const mtype = args.uint()
  if (mtype !== MsgType.CALL) throw malformed('DRAC_RPC_NOT_CALL', `msg_type ${mtype}, expected CALL`)
  const rpcvers = args.uint()
  const prog = args.uint()
  const vers = args.uint()
  const proc = args.uint()
  const cred = decodeOpaqueAuth(args)
  const verf = decodeOpaqueAuth(args)
  return { xid, rpcvers, prog, vers, proc, cred, verf, args }
}

export interface CallParts {
  readonly xid: number
  readonly prog: number
  readonly vers: number
  readonly proc: number
  /** AUTH_NONE when left out. */
  readonly cred?: OpaqueAuth
  /** AUTH_NONE when left out. */
  readonly verf?: OpaqueAuth
  /** The procedure's arguments, encoded; none when left out. */
  readonly args?: Uint8Array
}

export function encodeCall({ xid, prog, vers, proc, cred, verf, args }: CallParts): Buffer {
  const writer = new XdrWriter(40 + (cred?.body.length ?? 0) + (verf?.body.length ?? 0) + (args?.length ?? 0))
  writer.uint(xid).uint(MsgType.CALL).uint(RPC_VERSION).uint(prog).uint(vers).uint(proc)
  encodeOpaqueAuth(writer, cred ?? AUTH_NONE)
  encodeOpaqueAuth(writer, verf ?? AUTH_NONE)
  if (args) writer.append(args)
  return writer.bytes()
}

/** `accepted_reply` and `rejected_reply`, each arm by its RFC name. */
export type ReplyBody =
  | { readonly stat: 'SUCCESS'; readonly verf: OpaqueAuth; readonly results: XdrReader }
  | { readonly stat: 'PROG_MISMATCH'; readonly verf: OpaqueAuth; readonly low: number; readonly high: number }
  | {
      readonly stat: 'PROG_UNAVAIL' | 'PROC_UNAVAIL' | 'GARBAGE_ARGS' | 'SYSTEM_ERR'
      readonly verf: OpaqueAuth
    }
  | { readonly stat: 'RPC_MISMATCH'; readonly low: number; readonly high: number }
  | { readonly stat: 'AUTH_ERROR'; readonly authStat: number }
export type Reply = { readonly xid: number } & ReplyBody

/**
 * Reads one reply; `results` of SUCCESS stands at their first byte. Every arm but SUCCESS must end where it ends.
 * Throws `malformed` for a CALL, an unknown arm, and anything cut short.
 */
export function decodeReply(bytes: Uint8Array): Reply {
  const reader = new XdrReader(bytes)
  const xid = reader.uint()
  const mtype = reader.uint()
  if (mtype !== MsgType.REPLY) throw malformed('DRAC_RPC_NOT_REPLY', `msg_type ${mtype}, expected REPLY`)
  const accepted = reader.enum([ReplyStat.MSG_ACCEPTED, ReplyStat.MSG_DENIED]) === ReplyStat.MSG_ACCEPTED
  const body = accepted ? decodeAccepted(reader) : decodeDenied(reader)
  if (body.stat !== 'SUCCESS') reader.end()
  return { xid, ...body }
}

function decodeAccepted(reader: XdrReader): ReplyBody {
  const verf = decodeOpaqueAuth(reader)
  const stat = reader.uint()
  switch (stat) {
    case AcceptStat.SUCCESS:
      return { stat: 'SUCCESS', verf, results: reader }
    case AcceptStat.PROG_MISMATCH:
      return { stat: 'PROG_MISMATCH', verf, low: reader.uint(), high: reader.uint() }
    case AcceptStat.PROG_UNAVAIL:
      return { stat: 'PROG_UNAVAIL', verf }
    case AcceptStat.PROC_UNAVAIL:
      return { stat: 'PROC_UNAVAIL', verf }
    case AcceptStat.GARBAGE_ARGS:
      return { stat: 'GARBAGE_ARGS', verf }
    case AcceptStat.SYSTEM_ERR:
      return { stat: 'SYSTEM_ERR', verf }
    default:
      throw malformed('DRAC_XDR_ENUM', `accept_stat ${stat}`)
  }
}

function decodeDenied(reader: XdrReader): ReplyBody {
  const stat = reader.enum([RejectStat.RPC_MISMATCH, RejectStat.AUTH_ERROR])
  if (stat === RejectStat.RPC_MISMATCH) return { stat: 'RPC_MISMATCH', low: reader.uint(), high: reader.uint() }
  return { stat: 'AUTH_ERROR', authStat: reader.uint() }
}

/**
 * An accepted reply with an AUTH_NONE verifier, `words` after accept_stat: the result of SUCCESS (none for a null
 * procedure, one for an enum), low and high of PROG_MISMATCH. The buffer is fresh: it may be sent at leisure.
 */
export function encodeAccepted(xid: number, stat: AcceptStat, ...words: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(24 + 4 * words.length)
  putWord(out, 0, xid)
  putWord(out, 4, MsgType.REPLY)
  putWord(out, 8, ReplyStat.MSG_ACCEPTED)
  putWord(out, 12, 0)
  putWord(out, 16, 0)
  putWord(out, 20, stat)
  for (let i = 0; i < words.length; i++) putWord(out, 24 + 4 * i, words[i]!)
  return out
}

/** SUCCESS with results that are encoded already. */
export function encodeSuccess(xid: number, results: Uint8Array, verf: OpaqueAuth = AUTH_NONE): Buffer {
  const writer = acceptedHeader(xid, verf, AcceptStat.SUCCESS, results.length)
  return writer.append(results).bytes()
}

/** Another version of the program is served: `low` to `high`. */
export const encodeProgMismatch = (xid: number, low: number, high: number): Buffer =>
  encodeAccepted(xid, AcceptStat.PROG_MISMATCH, low, high)

/** MSG_DENIED: the call's rpcvers was not 2. 24 bytes. */
export const encodeRpcMismatch = (xid: number, low = RPC_VERSION, high = RPC_VERSION): Buffer =>
  denied(xid).uint(RejectStat.RPC_MISMATCH).uint(low).uint(high).bytes()

/** MSG_DENIED: the credential will not do. 20 bytes. */
export const encodeAuthError = (xid: number, authStat: number): Buffer =>
  denied(xid).uint(RejectStat.AUTH_ERROR).uint(authStat).bytes()

/** Any reply: the mirror of decodeReply. `results` of SUCCESS is written from where its cursor stands. */
export function encodeReply(reply: Reply): Buffer {
  switch (reply.stat) {
    case 'SUCCESS':
      return encodeSuccess(reply.xid, reply.results.rest(), reply.verf)
    case 'RPC_MISMATCH':
      return encodeRpcMismatch(reply.xid, reply.low, reply.high)
    case 'AUTH_ERROR':
      return encodeAuthError(reply.xid, reply.authStat)
    case 'PROG_MISMATCH':
      return acceptedHeader(reply.xid, reply.verf, AcceptStat.PROG_MISMATCH, 8).uint(reply.low).uint(reply.high).bytes()
    default:
      return acceptedHeader(reply.xid, reply.verf, AcceptStat[reply.stat], 0).bytes()
  }
}

function acceptedHeader(xid: number, verf: OpaqueAuth, stat: AcceptStat, more: number): XdrWriter {
  const writer = new XdrWriter(24 + verf.body.length + more).uint(xid).uint(MsgType.REPLY).uint(ReplyStat.MSG_ACCEPTED)
  return encodeOpaqueAuth(writer, verf).uint(stat)
}

const denied = (xid: number): XdrWriter => new XdrWriter(24).uint(xid).uint(MsgType.REPLY).uint(ReplyStat.MSG_DENIED)

function putWord(out: Buffer, at: number, word: number): void {
  out[at] = word >>> 24
  out[at + 1] = word >>> 16
  out[at + 2] = word >>> 8
  out[at + 3] = word
}
