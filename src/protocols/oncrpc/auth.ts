// Credentials and verifiers, RFC 5531 section 8.2, and the AUTH_SYS body, appendix A.
import { XdrReader, XdrWriter } from './xdr.ts'

export const AuthFlavor = {
  AUTH_NONE: 0,
  AUTH_SYS: 1,
  AUTH_SHORT: 2,
  AUTH_DH: 3,
  RPCSEC_GSS: 6,
  /** RFC 9289. */
  AUTH_TLS: 7,
} as const
export type AuthFlavor = (typeof AuthFlavor)[keyof typeof AuthFlavor]

/** Why a credential or a verifier was refused, RFC 5531 section 9. */
export const AuthStat = {
  AUTH_OK: 0,
  AUTH_BADCRED: 1,
  AUTH_REJECTEDCRED: 2,
  AUTH_BADVERF: 3,
  AUTH_REJECTEDVERF: 4,
  AUTH_TOOWEAK: 5,
  AUTH_INVALIDRESP: 6,
  AUTH_FAILED: 7,
  AUTH_KERB_GENERIC: 8,
  AUTH_TIMEEXPIRE: 9,
  AUTH_TKT_FILE: 10,
  AUTH_DECODE: 11,
  AUTH_NET_ADDR: 12,
  RPCSEC_GSS_CREDPROBLEM: 13,
  RPCSEC_GSS_CTXPROBLEM: 14,
} as const
export type AuthStat = (typeof AuthStat)[keyof typeof AuthStat]

/** The body of a credential or a verifier. */
export const MAX_AUTH_BYTES = 400
const MAX_MACHINENAME = 255
const MAX_GIDS = 16

/** `opaque_auth`. Any flavor decodes: whether it will do is the server's to say (AUTH_ERROR), not the codec's. */
export interface OpaqueAuth {
  readonly flavor: number
  readonly body: Uint8Array
}

export const AUTH_NONE: OpaqueAuth = { flavor: AuthFlavor.AUTH_NONE, body: new Uint8Array(0) }

export function decodeOpaqueAuth(reader: XdrReader): OpaqueAuth {
  const flavor = reader.uint()
  const body = reader.opaque(MAX_AUTH_BYTES)
  // Nearly every call: no object to make.
  return flavor === AuthFlavor.AUTH_NONE && body.length === 0 ? AUTH_NONE : { flavor, body }
}

export function encodeOpaqueAuth(writer: XdrWriter, { flavor, body }: OpaqueAuth): XdrWriter {
  return writer.uint(flavor).opaque(body, MAX_AUTH_BYTES)
}

/** `authsys_parms`: what a client says of itself. Nothing in it is proved. */
export interface AuthSys {
  /** Any number; a caller's way to tell its credentials apart. */
  readonly stamp: number
  /** At most 255 bytes. */
  readonly machinename: string
  readonly uid: number
  readonly gid: number
  /** At most 16. */
  readonly gids: readonly number[]
}

/** @param body of an opaque_auth of flavor AUTH_SYS. Throws `malformed`, for bytes left over too. */
export function decodeAuthSys(body: Uint8Array): AuthSys {
  const reader = new XdrReader(body)
  const sys: AuthSys = {
    stamp: reader.uint(),
    machinename: reader.string(MAX_MACHINENAME),
    uid: reader.uint(),
    gid: reader.uint(),
    gids: reader.array(MAX_GIDS, (r) => r.uint()),
  }
  reader.end()
  return sys
}

export function encodeAuthSys(sys: AuthSys): OpaqueAuth {
  const writer = new XdrWriter().uint(sys.stamp).string(sys.machinename, MAX_MACHINENAME).uint(sys.uid).uint(sys.gid)
  return { flavor: AuthFlavor.AUTH_SYS, body: writer.array(sys.gids, MAX_GIDS, (w, gid) => w.uint(gid)).bytes() }
}
