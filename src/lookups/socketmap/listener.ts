// Socketmap listeners.
import type { Lookups } from '../../core/lookups.ts'
import { AnswerEach } from '../../net/answer-each.ts'
import type { Connection } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { NetstringReader } from '../../protocols/netstring/netstring.ts'
import { MAX_REQUEST_BYTES } from '../../protocols/socketmap/socketmap.ts'
import { answerRequest } from './lookup.ts'

/** Opens one endpoint, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export function openSocketmap(
  endpoint: Endpoint,
  lookups: Lookups,
  unix: UnixOptions = {},
  limits: StreamLimits = MTA_LIMITS,
): Promise<StreamListener> {
  const converse = (connection: Connection): AnswerEach =>
    new AnswerEach(connection, new NetstringReader(MAX_REQUEST_BYTES), (request) => answerRequest(lookups, request))
  return openStream(endpoint, limits, { converse }, unix)
}
