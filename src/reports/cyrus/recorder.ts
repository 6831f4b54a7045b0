// Events that Cyrus has had its answer for, on their way to the relay table.
import type { Report } from '../../core/login-event.ts'
import { type Refused, refused } from '../../core/refused.ts'
import type { LoginReports } from '../../core/reports.ts'
import type { AccessEvent } from '../../protocols/cyrus/event.ts'

const REPORT = { via: 'cyrus', reporter: 'local' } as const satisfies Report

/** Events waiting for the store at once; they share its disk syncs, so that this is some thousands a second. */
const MAX_IN_FLIGHT = 1024

/**
 * Takes an event and returns at once. What is lost when dracd or the machine dies before the commit, a few milliseconds
 * later: a login, whose client is refused until it logs in again or a poll finds it connected; or a logout, whose session
 * then counts as open until its lease ends. What the store refuses is published as `not-stored`, besides being counted by
 * the relay table.
 */
export class Recorder {
  readonly #reports: LoginReports
  readonly #limit: number
  readonly #all = new Set<Promise<unknown>>()
  /** The last event of each session that is on its way: a logout must not overtake its login. */
  readonly #bySession = new Map<string, Promise<void>>()

  constructor(reports: LoginReports, limit = MAX_IN_FLIGHT) {
    this.#reports = reports
    this.#limit = limit
  }

  /** False when too many are on their way: the event is dropped. */
  take(event: AccessEvent): boolean {
    if (this.#all.size >= this.#limit) {
      publish(event, 'queue-full')
      return false
    }
    const { session = '' } = event
    const before = this.#bySession.get(session)
    const stored = (before ? before.then(() => this.#store(event)) : this.#store(event)).catch(() =>
      publish(event, 'not-stored'),
    )
    this.#all.add(stored)
    if (session !== '') this.#bySession.set(session, stored)
    void stored.finally(() => {
      this.#all.delete(stored)
      if (this.#bySession.get(session) === stored) this.#bySession.delete(session)
    })
    return true
  }

  /** Resolves when everything taken so far is stored or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#all)
  }

  /** Rejects with `tempfail`. */
  async #store(event: AccessEvent): Promise<void> {
    const { client, session, user } = event
    if (event.type === 'logout') {
      if (session !== undefined) await this.#reports.logout({ ...REPORT, session })
      return
    }
    const result = await this.#reports.add({
      ...REPORT,
      client,
      ...(user === undefined ? {} : { user }),
      ...(session === undefined ? {} : { session: { id: session, kind: 'renews' } }),
    })
    if (result.status === 'refused') publish(event, result.reason)
  }
}

function publish({ client }: AccessEvent, reason: Refused['reason']): void {
  refused.publish({ ...REPORT, client, reason } satisfies Refused)
}
