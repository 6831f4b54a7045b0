// Dovecot's event exporter: one JSON object for each event, over HTTP POST.
// https://doc.dovecot.org/2.3/configuration_manual/event_export/ ; seen with 2.3.19.1.
import { parseAddress } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'
import { decodeJson, fieldsOf, sessionOf, textOf, userOf } from './json.ts'
import { type DovecotLogin, isMailProtocol } from './login.ts'

export interface DovecotEnd {
  readonly session: string
  readonly at?: number
}

export type DovecotEvent =
  | { readonly kind: 'login'; readonly login: DovecotLogin }
  | { readonly kind: 'end'; readonly end: DovecotEnd }

/**
 * `auth_request_finished` of an IMAP or POP3 login that succeeded, and `mail_user_session_finished`, which may name no
 * service and no address; undefined for every other event. Failed logins come without `success`.
 * Throws `malformed` for what is no event, and for a login without its client's address.
 */
export function decodeEvent(bytes: Uint8Array): DovecotEvent | undefined {
  const { event, fields: given, end_time } = fieldsOf(decodeJson(bytes), 'the event')
  if (textOf(event) === undefined) throw malformed('DRAC_DOVECOT', 'an event without a name')
  if (event !== 'auth_request_finished' && event !== 'mail_user_session_finished') return undefined
  const { success, service, session: id, remote_ip, user, mechanism } = fieldsOf(given, 'fields')
  const session = sessionOf(id)
  if (session === undefined) return undefined
  const at = secondsOf(end_time)
  if (event === 'mail_user_session_finished') return { kind: 'end', end: { session, ...at } }
  // auth_anonymous_username may call its user anything.
  if (success !== 'yes' || mechanism === 'ANONYMOUS' || !isMailProtocol(service)) return undefined
  const address = textOf(remote_ip)
  if (address === undefined) throw malformed('DRAC_DOVECOT', 'a login without remote_ip')
  return { kind: 'login', login: { client: parseAddress(address), session, ...userOf(user), ...at } }
}

/** `time-rfc3339` of format_args; `time-unix` is a number. Nothing where it is neither. */
function secondsOf(time: unknown): { at?: number } {
  const at = typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) / 1000 : Number.NaN
  return Number.isFinite(at) && at > 0 ? { at: Math.floor(at) } : {}
}
