// Socketmap listeners. An MTA keeps a connection for each of its processes, mostly idle, and asks again over it.
import type { Connection, Conversation } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { NetstringReader } from '../../protocols/netstring/netstring.ts'
import { MAX_REQUEST_BYTES } from '../../protocols/socketmap/socketmap.ts'
import { answerRequest, type Lookups } from './lookup.ts'

/** Postfix has one connection for each smtpd, and ends it itself after 10 s to 100 s without work; sendmail one for each session. */
export const SOCKETMAP_LIMITS: StreamLimits = {
  perSource: 4096,
  total: 4096,
  strangers: 0,
  strangerMs: 0,
  messageMs: 5_000,
  idleMs: 3_600_000,
  stallMs: 10_000,
  unsentBytes: 16 << 10,
  maxUnsentBytes: 256 << 10,
  inFlight: 1,
}

/** Opens one endpoint, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export function openSocketmap(
  endpoint: Endpoint,
  lookups: Lookups,
  unix: UnixOptions = {},
  limits: StreamLimits = SOCKETMAP_LIMITS,
): Promise<StreamListener> {
  return openStream(endpoint, limits, { converse: (connection) => new Talk(connection, lookups) }, unix)
}

/** Gathers the answers to all requests of one chunk and sends them together. */
class Talk implements Conversation {
  readonly framer = new NetstringReader(MAX_REQUEST_BYTES)
  readonly #connection: Connection
  readonly #lookups: Lookups
  #answers = ''

  constructor(connection: Connection, lookups: Lookups) {
    this.#connection = connection
    this.#lookups = lookups
  }

  message(request: Uint8Array): void {
    this.#answers += answerRequest(this.#lookups, request)
  }

  flush(): void {
    if (this.#answers === '') return
    const answers = this.#answers
    this.#answers = ''
    this.#connection.send(answers)
  }
}
