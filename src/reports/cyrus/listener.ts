// The socket for Cyrus' "notifysocket: dlist:PATH". Cyrus opens a connection for each event, and its user's login waits for
// the answer, without any limit of Cyrus' own: so the answer goes out before anything is stored.
import type { LoginReports } from '../../core/reports.ts'
import { configError } from '../../lib/errors.ts'
import type { Connection, Conversation } from '../../net/connection.ts'
import { type Endpoint, formatEndpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { MessageReader } from '../../protocols/cyrus/dlist.ts'
import { decodeEvent } from '../../protocols/cyrus/event.ts'
import { type Answer, decodeNotification, encodeAnswer } from '../../protocols/cyrus/notification.ts'
import { Recorder } from './recorder.ts'

/** The unit's own is 0666. */
const FOREIGN_MODE = "its file mode says whose events are believed, and must be dracd's; take it out of the socket unit"

/** Cyrus writes as soon as it is connected, and closes when it is answered. */
export const CYRUS_LIMITS: StreamLimits = { ...MTA_LIMITS, idleMs: 5_000 }

/**
 * Opens one endpoint, a unix socket: its file mode is all that says whose events are believed. Rejects with `config`.
 * Closing it waits for what was answered to be stored.
 */
export async function openCyrus(
  endpoint: Endpoint,
  reports: LoginReports,
  unix: UnixOptions = {},
  recorder = new Recorder(reports),
): Promise<StreamListener> {
  if (endpoint.transport !== 'unix') {
    const cure = 'Cyrus speaks to unix sockets only, and their file mode is the check; write unix:PATH'
    throw configError('DRAC_SETTING', `cyrus.listen: ${formatEndpoint(endpoint)}: ${cure}`)
  }
  if (endpoint.fd !== undefined)
    throw configError('DRAC_LISTEN', `cyrus.listen: ${formatEndpoint(endpoint)}: ${FOREIGN_MODE}`)
  const service = { converse: (connection: Connection) => new Events(connection, recorder) }
  const listener = await openStream(endpoint, CYRUS_LIMITS, service, unix)
  return {
    endpoint: listener.endpoint,
    get connections() {
      return listener.connections
    },
    async close(drainMs) {
      await listener.close(drainMs)
      await recorder.settled()
    },
  }
}

/** What is not understood cuts the connection, which Cyrus logs; the login goes on. */
class Events implements Conversation {
  readonly framer = new MessageReader()
  readonly #connection: Connection
  readonly #recorder: Recorder

  constructor(connection: Connection, recorder: Recorder) {
    this.#connection = connection
    this.#recorder = recorder
  }

  message(bytes: Uint8Array): void {
    this.#connection.send(encodeAnswer(this.#take(bytes)))
  }

  #take(bytes: Uint8Array): Answer {
    const { class: name, message } = decodeNotification(bytes)
    const event = name === 'EVENT' ? decodeEvent(message) : undefined
    return event === undefined || this.#recorder.take(event) ? 'OK' : 'NO'
  }
}
