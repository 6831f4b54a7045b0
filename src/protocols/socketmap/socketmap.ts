// Socketmap: sendmail's K class `socket` (op.me, section 5.8) and Postfix socketmap_table(5). Requests and replies are netstrings.
import { malformed } from '../../lib/errors.ts'
import { encodeNetstring } from '../netstring/netstring.ts'

/** Longest request that is accepted; Postfix itself takes replies of 100,000 bytes, no key of ours is as long as this. */
export const MAX_REQUEST_BYTES = 4096
/** Postfix's limit on replies (socketmap_table(5)). */
export const MAX_REPLY_BYTES = 100_000

export interface Request {
  /** The map's name; has no space. */
  readonly map: string
  readonly key: string
}

/**
 * `OK` carries the data. `NOTFOUND` is "no such key". TEMP and TIMEOUT are "try later", PERM is "never".
 */
export type Reply =
  | { readonly status: 'OK'; readonly data: string }
  | { readonly status: 'NOTFOUND' }
  | { readonly status: 'TEMP' | 'TIMEOUT' | 'PERM'; readonly reason: string }

/** `map key`, Latin-1 so that every byte is one character. Throws `malformed` for a request without a space. */
export function decodeRequest(bytes: Uint8Array): Request {
  const text = latin1(bytes)
  const space = text.indexOf(' ')
  if (space < 0) throw malformed('DRAC_SOCKETMAP', 'a request without a space between map and key')
  return { map: text.slice(0, space), key: text.slice(space + 1) }
}

/** The request as a netstring. */
export function encodeRequest({ map, key }: Request): Buffer {
  if (map.includes(' ')) throw malformed('DRAC_SOCKETMAP', 'a map name with a space')
  return encodeNetstring(Buffer.from(`${map} ${key}`, 'latin1'))
}

/** Every reply has its space: a bare `OK` crashes sendmail 8.17.1. Bytes that are not printable ASCII come out as `?`. */
export function encodeReply(reply: Reply): Buffer {
  return encodeNetstring(Buffer.from(`${reply.status} ${textOf(reply).replaceAll(/[^ -~]/g, '?')}`, 'latin1'))
}

/** Throws `malformed` for an unknown status word. */
export function decodeReply(bytes: Uint8Array): Reply {
  const text = latin1(bytes)
  const space = text.indexOf(' ')
  const [status, rest] = space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)]
  if (status === 'OK') return { status, data: rest }
  if (status === 'NOTFOUND') return { status }
  if (status === 'TEMP' || status === 'TIMEOUT' || status === 'PERM') return { status, reason: rest }
  throw malformed('DRAC_SOCKETMAP', `unknown status ${JSON.stringify(status.slice(0, 32))}`)
}

function textOf(reply: Reply): string {
  if (reply.status === 'OK') return reply.data
  return reply.status === 'NOTFOUND' ? '' : reply.reason
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
