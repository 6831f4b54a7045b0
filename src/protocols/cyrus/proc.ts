// What "cyr_info proc" prints (imap/cyr_info.c, print_procinfo): a line for each process that serves somebody,
//   PID SERVICE HOST USER MAILBOX COMMAND
// HOST is "[address]", or "name [address]" where the address has a name; an empty USER is nobody logged in yet.
import { type Address, parseAddress } from '../../lib/address.ts'
import { serviceOf } from './event.ts'

export interface ConnectedClient {
  readonly pid: number
  readonly service: 'imap' | 'pop3'
  readonly client: Address
  /** The first word of the user's name: the rest cannot be told from the mailbox that follows it. */
  readonly user: string
}

/**
 * The first address in brackets counts, since users and mailboxes may be called "[192.0.2.1]"; no name of a host has a
 * space or a bracket. The \S after the space is the user: without one, two spaces and perhaps a command follow.
 */
const LINE = /^([1-9]\d{0,9}) (\w[\w-]{0,63}) (?:[^\s[\]]{1,255} )?\[([\d.:a-fA-F]{2,45})\] (\S{1,256})(?: |$)/

/** Undefined for a line that shows nobody logged in over imap or pop3 from an address. */
export function parseProcLine(line: string): ConnectedClient | undefined {
  const found = LINE.exec(line)
  const service = serviceOf(found?.[2])
  if (!found || service === undefined) return undefined
  try {
    return { pid: Number(found[1]), service, client: parseAddress(found[3]!), user: found[4]! }
  } catch {
    return undefined
  }
}

/** Everybody who is logged in, of the whole output. */
export const parseProc = (output: string): ConnectedClient[] =>
  output.split('\n').flatMap((line) => parseProcLine(line) ?? [])
