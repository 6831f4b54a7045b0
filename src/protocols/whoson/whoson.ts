// WHOSON (Crosser, 1998): who is on from this address? A request is a line and an empty line, in a datagram or a stream.
// whosond(8), whoson(3); framing and texts as gowhoson has them. Lines may end in LF alone.
import type { Address } from '../../lib/address.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { type DracError, malformed, unsupported } from '../../lib/errors.ts'

/** Longest request line, its end included: an address and an identity. */
export const MAX_LINE_BYTES = 1024
/** Longest datagram that is a request. */
export const MAX_DATAGRAM_BYTES = 1472
/** Exim's buffer for an identity has 80 bytes with its closing NUL. */
export const MAX_IDENTITY_BYTES = 79

/** An identity is free text, `user@host (by pop3d)` say, or empty. */
export type Request =
  | { readonly verb: 'LOGIN'; readonly client: Address; readonly identity: string }
  | { readonly verb: 'LOGOUT'; readonly client: Address }
  /** What is asked for may be no address at all. */
  | { readonly verb: 'QUERY'; readonly key: string }
  | { readonly verb: 'QUIT' }
  /** An extension of whosond's: its statistics. */
  | { readonly verb: 'LIST' }

/** `+` done or found, with the identity; `-` not found; `*` not understood, or not now. */
export interface Reply {
  readonly status: '+' | '-' | '*'
  readonly text: string
}

/** @param line without its end. Throws `unsupported` for an unknown verb, `malformed` for wrong arguments. */
export function decodeRequest(line: Uint8Array): Request {
  const text = Buffer.from(line).toString('utf8')
  const [, word = '', rest = ''] = /^([^ ]*) ?(.*)$/s.exec(text)!
  const verb = word.toUpperCase()
  if (verb === 'LOGIN') return login(rest)
  if (verb === 'LOGOUT') return { verb, client: address(rest) }
  if (verb === 'QUERY' && rest !== '') return { verb, key: rest }
  if ((verb === 'QUIT' || verb === 'LIST') && rest === '') return { verb }
  if (verb === 'QUERY' || verb === 'QUIT' || verb === 'LIST') throw wrong()
  throw unsupported('DRAC_WHOSON_VERB', 'command not found')
}

/** With its empty line. */
export function encodeRequest(request: Request): Buffer {
  if (request.verb === 'QUIT' || request.verb === 'LIST') return block(request.verb)
  if (request.verb === 'QUERY') return block(`${request.verb} ${plain(request.key)}`)
  if (request.verb === 'LOGOUT' || request.identity === '') return block(`${request.verb} ${request.client}`)
  return block(`${request.verb} ${request.client} ${plain(request.identity)}`)
}

/** With its empty line. Control characters come out as `?`; the text is cut to what Exim takes. */
export const encodeReply = ({ status, text }: Reply): Buffer => block(`${status}${cut(plain(text))}`)

/** The answer to LIST: a line for each row, then the empty line. whosond's own form of the rows was not to be had. */
export const encodeList = (rows: readonly string[]): Buffer => block(`+${rows.map(plain).join('\r\n')}`)

/** @param bytes with or without line ends. Throws `malformed`. */
export function decodeReply(bytes: Uint8Array): Reply {
  const found = /^([+*-])([^\r\n]*)(?:\r?\n){0,2}$/.exec(Buffer.from(bytes).toString('utf8'))
  if (!found) throw malformed('DRAC_WHOSON', 'a reply must begin with +, - or *')
  return { status: found[1] as Reply['status'], text: found[2]! }
}

/**
 * The one line of a datagram; undefined for what must not be answered: replies, so that two servers cannot talk to one
 * another for ever, and what is empty or too long for a request.
 */
export function lineOfDatagram(bytes: Uint8Array): Uint8Array | undefined {
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  const line = end < 0 ? bytes : bytes.subarray(0, end)
  const first = line[0]
  const isReply = first === 0x2b || first === 0x2d || first === 0x2a
  return first === undefined || isReply || bytes.length > MAX_DATAGRAM_BYTES ? undefined : line
}

function login(rest: string): Request {
  const space = rest.indexOf(' ')
  if (space < 0) return { verb: 'LOGIN', client: address(rest), identity: '' }
  return { verb: 'LOGIN', client: address(rest.slice(0, space)), identity: plain(rest.slice(space + 1)) }
}

function address(text: string): Address {
  const client = clientOfKey(text)
  if (client === undefined) throw wrong()
  return client
}

const wrong = (): DracError => malformed('DRAC_WHOSON', 'command parse error')
const block = (line: string): Buffer => Buffer.from(`${line}\r\n\r\n`)
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')

/** To MAX_IDENTITY_BYTES of UTF-8, whole characters only. */
function cut(text: string): string {
  const bytes = Buffer.from(text)
  let end = Math.min(bytes.length, MAX_IDENTITY_BYTES)
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
