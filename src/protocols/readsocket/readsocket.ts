// What Exim's ${readsocket{/run/drac/readsocket.sock}{check $sender_host_address\n}...} asks; the form is ours, Exim gives none:
// one line a request, one word a reply, and the end of the connection, which is where Exim stops reading.
import { malformed, unsupported } from '../../lib/errors.ts'

/** Longest request line, its newline included. */
export const MAX_LINE_BYTES = 256

export interface Request {
  readonly command: 'check'
  /** What stands where the address should; empty for mail that came over no connection. */
  readonly key: string
}

export type Reply = 'yes' | 'no' | 'temp'

/** @param line without its newline. Throws `unsupported` for any other command. */
export function decodeRequest(line: Uint8Array): Request {
  const text = Buffer.from(line).toString('latin1')
  const [command] = text.split(' ', 1)
  if (command !== 'check') throw unsupported('DRAC_READSOCKET', 'the only command is "check ADDRESS"')
  return { command, key: text.slice(command.length + 1) }
}

/** With its newline. Throws `malformed` for a key with a line break. */
export function encodeRequest({ command, key }: Request): Buffer {
  if (/[\r\n]/.test(key)) throw malformed('DRAC_READSOCKET', 'a key with a line break')
  return Buffer.from(`${command} ${key}\n`, 'latin1')
}

/** With its newline, which Exim leaves in: compare the first word. */
export const encodeReply = (reply: Reply): Buffer => Buffer.from(`${reply}\n`, 'latin1')

/** @param bytes all that came until the end, with or without a newline. Throws `malformed`. */
export function decodeReply(bytes: Uint8Array): Reply {
  const found = /^(yes|no|temp)\n?$/.exec(Buffer.from(bytes).toString('latin1'))
  if (!found) throw malformed('DRAC_READSOCKET', 'a reply must be yes, no or temp')
  return found[1] as Reply
}
