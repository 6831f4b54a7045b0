// What every ONC RPC server decides before it looks at the program: is it a call, and may it be heard. RFC 5531 section 9.
import { AuthFlavor, AuthStat, decodeAuthSys, type OpaqueAuth } from './auth.ts'
import { type Call, decodeCall, encodeAuthError, encodeRpcMismatch, MsgType, RPC_VERSION } from './message.ts'

/** A call header with two empty credentials. Nothing shorter is a call. */
export const MIN_CALL_BYTES = 40

/** The call, or undefined for bytes that are none: an answer to those would help only somebody who forges senders. Never throws. */
export function callIn(bytes: Uint8Array): Call | undefined {
  // Most noise is told by its second word, which costs less than an exception.
  if (bytes.length < MIN_CALL_BYTES || wordAt(bytes, 4) !== MsgType.CALL) return undefined
  try {
    return decodeCall(bytes)
  } catch {
    return undefined
  }
}

/** MSG_DENIED, when that is the answer: another rpcvers than 2, or a credential that is neither AUTH_NONE nor AUTH_SYS. */
export function deniedReply(call: Call): Buffer | undefined {
  if (call.rpcvers !== RPC_VERSION) return encodeRpcMismatch(call.xid)
  const authStat = authStatOf(call.cred)
  return authStat === AuthStat.AUTH_OK ? undefined : encodeAuthError(call.xid, authStat)
}

/** The big-endian word at a byte offset; bytes that are not there count as 0. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

/** AUTH_SYS must be well formed; what it claims is not looked at, as it proves nothing. */
function authStatOf({ flavor, body }: OpaqueAuth): AuthStat {
  if (flavor === AuthFlavor.AUTH_NONE) return AuthStat.AUTH_OK
  if (flavor !== AuthFlavor.AUTH_SYS) return AuthStat.AUTH_REJECTEDCRED
  try {
    decodeAuthSys(body)
    return AuthStat.AUTH_OK
  } catch {
    return AuthStat.AUTH_BADCRED
  }
}
