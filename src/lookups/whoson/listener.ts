// WHOSON listeners: UDP (what its clients use first), TCP and unix streams.
import type { Lookups, Users } from '../../core/lookups.ts'
import { configError } from '../../lib/errors.ts'
import { LineReader } from '../../lib/line-reader.ts'
import type { Connection, Conversation } from '../../net/connection.ts'
import { type Endpoint, formatEndpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import type { UdpListener } from '../../net/udp.ts'
import { MAX_LINE_BYTES } from '../../protocols/whoson/whoson.ts'
import { openDatagrams } from './datagrams.ts'
import { type LoginHandler, type LoginRequest, loginRequest } from './login-handler.ts'
import { answerRequest } from './lookup.ts'

/** 150 s is the keepalive of whosond's sample configuration. */
export const WHOSON_LIMITS: StreamLimits = { ...MTA_LIMITS, idleMs: 150_000 }

export interface WhosonOptions {
  /** Who takes LOGIN, LOGOUT and LIST; left out: nobody. */
  readonly logins?: LoginHandler | undefined
  readonly unix?: UnixOptions
  /** `inFlight` must be 1: what is asked after a LOGIN waits for its answer. */
  readonly limits?: StreamLimits
}

/** Opens one endpoint, `udp:`, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export async function openWhoson(
  endpoint: Endpoint,
  lookups: Lookups & Users,
  { logins, unix = {}, limits = WHOSON_LIMITS }: WhosonOptions = {},
): Promise<UdpListener | StreamListener> {
  if (logins && endpoint.transport === 'unix' && endpoint.fd !== undefined) {
    const cure = "its file mode says who may report logins, and must be dracd's; take it out of the socket unit"
    throw configError('DRAC_LISTEN', `whoson.listen: ${formatEndpoint(endpoint)}: ${cure}`)
  }
  if (endpoint.transport === 'udp') return openDatagrams(endpoint, lookups, logins)
  return openStream(endpoint, limits, { converse: (connection) => new Talk(connection, lookups, logins) }, unix)
}

/** Each line that is not empty is a request; the empty line after it says nothing new. Answers come in order. */
class Talk implements Conversation {
  readonly framer = new LineReader(MAX_LINE_BYTES)
  readonly #connection: Connection
  readonly #lookups: Lookups & Users
  readonly #logins: LoginHandler | undefined
  #answers: Buffer[] = []

  constructor(connection: Connection, lookups: Lookups & Users, logins: LoginHandler | undefined) {
    this.#connection = connection
    this.#lookups = lookups
    this.#logins = logins
  }

  message(line: Uint8Array): void {
    if (line.length === 0) return
    const request = this.#logins && loginRequest(line)
    if (request) {
      void this.#login(this.#logins, request)
      return
    }
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

  /** The connection takes no further request until it is released. */
  async #login(logins: LoginHandler, request: LoginRequest): Promise<void> {
    this.#connection.hold()
    const reply = await logins.answer(request, this.#connection.peer)
    this.#answers.push(reply)
    this.flush()
    this.#connection.release()
  }
}
