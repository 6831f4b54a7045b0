// Dovecot's authentication policy server protocol: JSON over HTTP POST, `command` in the query of the URL.
// https://doc.dovecot.org/2.3/configuration_manual/authentication/auth_policy/ ; seen with 2.3.19.1.
import { parseAddress } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'
import { decodeJson, fieldsOf, sessionOf, textOf, userOf } from './json.ts'
import { type DovecotLogin, isMailProtocol } from './login.ts'

/** `allow` asks before and after authentication, `report` tells its outcome. */
export const POLICY_COMMANDS = ['allow', 'report'] as const
export type PolicyCommand = (typeof POLICY_COMMANDS)[number]

/**
 * What every request is answered: negative would deny the login, a positive number delay it by so many seconds. Both are
 * other programs' business.
 */
export const GO_ON = { status: 0, msg: '' } as const

/**
 * The login that a `report` tells of; undefined when it tells of none: a wrong password, another protocol, or no
 * connection ("doveadm auth test" has no session).
 * @param bytes of a body with the attributes login, remote, protocol and session_id, and Dovecot's own success and
 * policy_reject
 * Throws `malformed` for what is no report, and for a login without its client's address.
 */
export function decodeReport(bytes: Uint8Array): DovecotLogin | undefined {
  const { success, policy_reject, protocol, session_id, remote, login } = fieldsOf(decodeJson(bytes), 'the report')
  if (typeof success !== 'boolean') throw malformed('DRAC_DOVECOT', 'a report without success')
  const session = sessionOf(session_id)
  if (!success || policy_reject === true || !isMailProtocol(protocol) || session === undefined) return undefined
  const address = textOf(remote)
  if (address === undefined)
    throw malformed('DRAC_DOVECOT', 'a report without remote: auth_policy_request_attributes lacks remote=%{rip}')
  return { client: parseAddress(address), session, ...userOf(login) }
}
