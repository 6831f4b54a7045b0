// Listeners for Exim's readsocket: one request a connection.
import type { Lookups } from '../../core/lookups.ts'
import { LineReader } from '../../lib/line-reader.ts'
import type { Connection, Conversation } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { MAX_LINE_BYTES } from '../../protocols/readsocket/readsocket.ts'
import { answerRequest } from './lookup.ts'

/** Exim writes its request as soon as it is connected. */
export const READSOCKET_LIMITS: StreamLimits = { ...MTA_LIMITS, idleMs: 5_000 }

/** Opens one endpoint, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export function openReadsocket(
  endpoint: Endpoint,
  lookups: Lookups,
  unix: UnixOptions = {},
  limits: StreamLimits = READSOCKET_LIMITS,
): Promise<StreamListener> {
  return openStream(endpoint, limits, { converse: (connection) => new AnswerOne(connection, lookups) }, unix)
}

/** Answers the first line and ends the connection: Exim reads until then. */
class AnswerOne implements Conversation {
  readonly framer = new LineReader(MAX_LINE_BYTES)
  readonly #connection: Connection
  readonly #lookups: Lookups

  constructor(connection: Connection, lookups: Lookups) {
    this.#connection = connection
    this.#lookups = lookups
  }

  message(line: Uint8Array): void {
    this.#connection.send(answerRequest(this.#lookups, line))
    this.#connection.end()
  }
}
