// Cyrus' events of the group "access" (imap/mboxevent.c; RFC 5423 section 4.6 names them), as JSON.
import { type Address, parseAddress } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'

/** Longer names of users and sessions are left out, as no mail server's are. */
const MAX_USER = 256
const MAX_SESSION = 200

export interface AccessEvent {
  readonly type: 'login' | 'logout'
  readonly service: 'imap' | 'pop3'
  readonly client: Address
  readonly user?: string
  /** Names the connection; Login and Logout have the same. */
  readonly session?: string
}

/**
 * Undefined for what is no Login or Logout of imap or pop3: AclChange, sieve, or whatever else event_groups lets through.
 * Throws `malformed` when it is no JSON object, or has no address: event_extra_params lacks clientAddress then.
 */
export function decodeEvent(json: Uint8Array): AccessEvent | undefined {
  const event = parse(json)
  const type = event.event === 'Login' ? 'login' : event.event === 'Logout' ? 'logout' : undefined
  const service = serviceOf(event.service)
  if (type === undefined || service === undefined) return undefined
  if (typeof event.clientIP !== 'string') throw malformed('DRAC_CYRUS_EVENT', 'no clientIP: see event_extra_params')
  const user = short(event.user, MAX_USER)
  const session = short(event['vnd.cmu.sessionId'], MAX_SESSION)
  return {
    type,
    service,
    client: parseAddress(event.clientIP),
    ...(user === undefined ? {} : { user }),
    ...(session === undefined ? {} : { session }),
  }
}

/** The name in cyrus.conf, which begins with the protocol: imap, imaps, pop3, pop3s. */
export function serviceOf(name: unknown): AccessEvent['service'] | undefined {
  const found = typeof name === 'string' ? /^(imap|pop3)[\w-]*$/.exec(name) : null
  return found ? (found[1] as AccessEvent['service']) : undefined
}

function parse(json: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(json).toString('utf8'))
  } catch {
    throw malformed('DRAC_CYRUS_EVENT', 'an event that is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('DRAC_CYRUS_EVENT', 'an event that is no JSON object')
  }
  return value as Record<string, unknown>
}

const short = (value: unknown, limit: number): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= limit ? value : undefined
