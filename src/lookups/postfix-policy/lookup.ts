// Look-up: policy requests of Postfix to actions.
import type { Authorization } from '../../core/authorization.ts'
import { type Lookups, recentUser, type Users } from '../../core/lookups.ts'
import type { Address } from '../../lib/address.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { type ErrorKind, kindOf } from '../../lib/errors.ts'
import { type Attributes, decodeRequest, encodeReply } from '../../protocols/postfix-policy/postfix-policy.ts'
import type { RelayCounter, RelayLimits } from './relay-counter.ts'
import { type Limited, limited, type Relayed, relayed } from './relayed.ts'

export interface PolicyService {
  readonly lookups: Lookups & Users
  readonly counter: RelayCounter
  /** As configured now. */
  readonly limits: () => RelayLimits
}

const OK = 'OK'
const DUNNO = 'DUNNO'
const CANNOT_TELL = '451 4.3.0 relay authorizations are not available, try again later'

/** From what went wrong to the action. */
const ACTION: Readonly<Record<ErrorKind, string>> = {
  malformed: DUNNO,
  unsupported: DUNNO,
  tempfail: CANNOT_TELL,
  config: CANNOT_TELL,
}

/**
 * One request in, one reply out, Latin-1. Throws `malformed` for what is no request: SMTPD_POLICY_README wants no reply
 * then and the connection closed, and Postfix defers.
 */
export function answerRequest(service: PolicyService, bytes: Uint8Array): string {
  const attributes = decodeRequest(bytes)
  try {
    return reply(actionFor(service, attributes))
  } catch (error) {
    return reply(ACTION[kindOf(error)])
  }
}

/**
 * OK only at RCPT TO: there it means "may relay". Asked at any other state (smtpd_client_restrictions without
 * smtpd_delay_reject, DATA, VRFY ...) an OK would only switch off the rules that stand after it.
 */
function actionFor(service: PolicyService, attributes: Attributes): string {
  if (attributes.get('protocol_state') !== 'RCPT') return DUNNO
  const client = clientOfKey(attributes.get('client_address') ?? '')
  if (client === undefined) return DUNNO
  const verdict = service.lookups.lookup(client)
  return verdict.action === 'permit' ? relay(service, attributes, client, verdict.authorization) : DUNNO
}

function relay(
  { lookups, counter, limits }: PolicyService,
  attributes: Attributes,
  client: Address,
  { key, source, expiresAt }: Authorization,
): string {
  const text = (name: string): string => attributes.get(name) ?? ''
  const now = limits()
  const user = recentUser(lookups.logins(key))
  const recipient = text('recipient')
  const what = { client, key, source, sender: text('sender'), recipient, queueId: text('queue_id') }
  const about = user === undefined ? what : { ...what, user }
  const reached = counter.take({ key, instance: text('instance'), recipient }, now)
  if (reached === undefined) {
    relayed.publish({ ...about, expiresAt } satisfies Relayed)
    return OK
  }
  const perHour = reached === 'messages' ? now.messagesPerHour : now.recipientsPerHour
  limited.publish({ ...about, reached, perHour } satisfies Limited)
  return `450 4.7.1 relay limit for ${key} reached: ${perHour} ${reached} per hour, try again later`
}

const reply = (action: string): string => encodeReply(action).toString('latin1')
