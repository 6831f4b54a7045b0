// Policy delegation listeners.
import type { Lookups, Users } from '../../core/lookups.ts'
import type { Clock } from '../../lib/clock.ts'
import { AnswerEach } from '../../net/answer-each.ts'
import type { Connection } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { RequestReader } from '../../protocols/postfix-policy/request-reader.ts'
import { answerRequest, type PolicyService } from './lookup.ts'
import { RelayCounter, type RelayLimits } from './relay-counter.ts'

export interface PolicyOptions {
  /** Asked at each recipient, so that a reload can change them. Left out: none. */
  readonly limits?: () => RelayLimits
  /** One for all policy endpoints of a daemon, so that an address cannot go from one to the next. */
  readonly counter?: RelayCounter
  readonly unix?: UnixOptions
  readonly streamLimits?: StreamLimits
}

const NO_LIMITS: RelayLimits = { messagesPerHour: 0, recipientsPerHour: 0 }
/** Seconds that never go back. */
const monotonic: Clock = () => Math.floor(performance.now() / 1000)

/** What `PolicyOptions.counter` is handed to all endpoints. */
export const newRelayCounter = (clock: Clock = monotonic): RelayCounter => new RelayCounter(clock)

/** Opens one endpoint, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export function openPolicy(
  endpoint: Endpoint,
  lookups: Lookups & Users,
  { limits = () => NO_LIMITS, counter = newRelayCounter(), unix, streamLimits = MTA_LIMITS }: PolicyOptions = {},
): Promise<StreamListener> {
  const service: PolicyService = { lookups, counter, limits }
  const converse = (connection: Connection): AnswerEach =>
    new AnswerEach(connection, new RequestReader(), (request) => answerRequest(service, request))
  return openStream(endpoint, streamLimits, { converse }, unix)
}
