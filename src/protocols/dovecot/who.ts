// Who is connected to Dovecot: `doveadm -f json who -1`, and doveadm's HTTP API (POST /doveadm/v1). Seen with 2.3.19.1.
// https://doc.dovecot.org/2.3/admin_manual/doveadm_http_api/
import { type Address, parseAddress } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'
import { decodeJson, type Fields, fieldsOf, userOf } from './json.ts'
import { isMailProtocol } from './login.ts'

/** Somebody who has logged in and is there still. */
export interface DovecotConnection {
  /** Names the connection among all that are listed; of a grouped list, the user's connections from one address together. */
  readonly id: string
  readonly client: Address
  readonly user?: string
}

const TAG = 'drac'

/** The body of a request for every connection, one by one; `who` without the option groups them. */
export const encodeWhoRequest = (): string => JSON.stringify([['who', { separateConnections: true }, TAG]])

/**
 * The IMAP and POP3 connections in the output of `doveadm -f json who -1`, or in the answer of the HTTP API, one by one or
 * grouped by user. One without an address, from a socket of the host itself, is left out.
 * Throws `malformed` for anything else: a list cut short would end the sessions that it lacks. Without -1, doveadm prints
 * what is no JSON (`[{...}],{...}`) and has no end to be known by.
 */
export function decodeWho(bytes: Uint8Array): readonly DovecotConnection[] {
  const value = decodeJson(bytes)
  if (!Array.isArray(value)) throw malformed('DRAC_DOVECOT', 'not a list of connections')
  return entriesOf(value).flatMap((each) => connectionsOf(fieldsOf(each, 'a connection')))
}

/** Out of `[["doveadmResponse", [A, B], TAG]]`, or grouped `[["doveadmResponse", [A], B, TAG]]`, where it is wrapped so. */
function entriesOf(value: readonly unknown[]): readonly unknown[] {
  const [response] = value
  if (!Array.isArray(response)) return value
  const [name, ...rest] = response
  if (name === 'doveadmResponse' && value.length === 1 && rest.pop() === TAG && Array.isArray(rest[0]))
    return rest.flat()
  throw malformed('DRAC_DOVECOT', `doveadm answered ${JSON.stringify(value)}`.slice(0, 200))
}

function connectionsOf(entry: Fields): DovecotConnection[] {
  const { username, service, pid, ip, ips } = entry
  if (typeof service !== 'string') throw malformed('DRAC_DOVECOT', 'a connection without service')
  if (!isMailProtocol(service)) return []
  // Grouped, nothing tells which process serves which address.
  const process = ips === undefined ? ` ${String(pid)}` : ''
  const user = userOf(username)
  return (ips === undefined ? [ip] : words(ips)).flatMap((text) => {
    if (typeof text !== 'string') throw malformed('DRAC_DOVECOT', 'a connection without ip')
    if (text === '') return []
    const client = parseAddress(text)
    return { id: `${user.user ?? ''} ${service} ${client}${process}`, client, ...user }
  })
}

/** `(a b)`. */
function words(list: unknown): string[] {
  const [, inside] = /^\(([^()]*)\)$/.exec(typeof list === 'string' ? list : '') ?? []
  if (inside === undefined) throw malformed('DRAC_DOVECOT', 'ips is not a list in parentheses')
  return inside.split(' ').filter((word) => word !== '')
}
