// Postfix tcp_table(5): one line a request, one line a reply, %XX for what would not fit in a line.
import { malformed, unsupported } from '../../lib/errors.ts'

/** Longest line, its newline included. */
export const MAX_LINE_BYTES = 4096

/** `put` exists on paper only: "currently not implemented", tcp_table(5). */
export interface Request {
  readonly command: 'get'
  readonly key: string
}

/** 200: found, text is the value. 500: no such key. 400: try again later. */
export interface Reply {
  readonly status: 200 | 400 | 500
  readonly text: string
}

/** @param line without its newline. Strings are Latin-1. Throws `unsupported` for `put`, `malformed` for all else but `get KEY`. */
export function decodeRequest(line: Uint8Array): Request {
  const [command, key, ...rest] = latin1(line).split(' ')
  if (command === 'put') throw unsupported('DRAC_TCP_TABLE_PUT', 'put is not implemented')
  if (command !== 'get' || key === undefined || rest.length > 0) {
    throw malformed('DRAC_TCP_TABLE', 'a request must be "get", one space, a key')
  }
  return { command, key: unquote(key) }
}

/** With its newline. */
export const encodeRequest = ({ command, key }: Request): Buffer =>
  Buffer.from(`${command} ${key.replaceAll(/[^!-~]|%/g, quoted)}\n`, 'latin1')

/** With its newline. "The server may omit the encoding as long as the reply is guaranteed to not contain % or newline": spaces stay. */
export const encodeReply = ({ status, text }: Reply): Buffer =>
  Buffer.from(`${status} ${text.replaceAll(/[^ -~]|%/g, quoted)}\n`, 'latin1')

/** @param line without its newline. Throws `malformed`. */
export function decodeReply(line: Uint8Array): Reply {
  const found = /^(200|400|500) (.*)$/s.exec(latin1(line))
  if (!found) throw malformed('DRAC_TCP_TABLE', 'a reply must be 200, 400 or 500, one space, text')
  return { status: Number(found[1]) as Reply['status'], text: unquote(found[2]!) }
}

const quoted = (character: string): string =>
  `%${(character.charCodeAt(0) & 255).toString(16).toUpperCase().padStart(2, '0')}`

function unquote(text: string): string {
  if (!text.includes('%')) return text
  if (/%(?![\da-f]{2})/i.test(text)) throw malformed('DRAC_TCP_TABLE', '% without two hexadecimal digits')
  return text.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
