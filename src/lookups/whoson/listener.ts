// WHOSON listeners: UDP (what its clients use first), TCP and unix streams.
import type { Lookups, Users } from '../../core/lookups.ts'
import { LineReader } from '../../lib/line-reader.ts'
import type { Connection, Conversation } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { openUdp, type UdpListener } from '../../net/udp.ts'
import { lineOfDatagram, MAX_LINE_BYTES } from '../../protocols/whoson/whoson.ts'
import { answerRequest } from './lookup.ts'

/** 150 s is the keepalive of whosond's sample configuration. */
export const WHOSON_LIMITS: StreamLimits = { ...MTA_LIMITS, idleMs: 150_000 }

/** Opens one endpoint, `udp:`, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export async function openWhoson(
  endpoint: Endpoint,
  lookups: Lookups & Users,
  unix: UnixOptions = {},
  limits: StreamLimits = WHOSON_LIMITS,
): Promise<UdpListener | StreamListener> {
  if (endpoint.transport !== 'udp') {
    return openStream(endpoint, limits, { converse: (connection) => new Talk(connection, lookups) }, unix)
  }
  return openUdp(endpoint, (bytes, peer, listener) => {
    const line = lineOfDatagram(bytes)
    if (line !== undefined) listener.send(answerRequest(lookups, line).reply, peer)
  })
}

/** Each line that is not empty is a request; the empty line after it says nothing new. */
class Talk implements Conversation {
  readonly framer = new LineReader(MAX_LINE_BYTES)
  readonly #connection: Connection
  readonly #lookups: Lookups & Users
  #answers: Buffer[] = []

  constructor(connection: Connection, lookups: Lookups & Users) {
    this.#connection = connection
    this.#lookups = lookups
  }

  message(line: Uint8Array): void {
    if (line.length === 0) return
    const { reply, last } = answerRequest(this.#lookups, line)
    this.#answers.push(reply)
    if (!last) return
    this.flush()
    this.#connection.end()
  }

  flush(): void {
    if (this.#answers.length === 0) return
    const answers = this.#answers
    this.#answers = []
    this.#connection.send(Buffer.concat(answers))
  }
}
