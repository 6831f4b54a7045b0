// Brings events to the relay table: in order, a bounded number at a time, again and again until the store has them.

import { refused } from '../../core/refused.ts'
import type { LoginReports } from '../../core/reports.ts'
import { kindOf, messageOf } from '../../lib/errors.ts'
import type { LogEvent } from '../../protocols/login-log/event.ts'

/** Reports that await the disk at once: they share its syncs. */
const IN_FLIGHT = 256
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5000

export class Delivery {
  readonly #reports: LoginReports
  readonly #sayTrouble: (reason: string | undefined) => void
  /** The last report of each session that is on its way: a logout must not overtake its login. */
  readonly #bySession = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  readonly #open = new Set<Promise<void>>()
  #room: (() => void)[] = []
  #before: Promise<unknown> = Promise.resolve()

  /** @param sayTrouble called with what keeps the store from keeping reports, and with undefined when it does again */
  constructor(reports: LoginReports, sayTrouble: (reason: string | undefined) => void) {
    this.#reports = reports
    this.#sayTrouble = sayTrouble
  }

  /**
   * Resolves when all are on their way and there is room for more. `durable` is called once these events and all before
   * them are stored, or never when it is closed before.
   */
  async take(events: readonly LogEvent[], durable: () => void): Promise<void> {
    const all: Promise<unknown>[] = [this.#before]
    for (const event of events) {
      while (this.#open.size >= IN_FLIGHT) await new Promise<void>((resolve) => this.#room.push(resolve))
      if (this.#stop.signal.aborted) return
      all.push(this.#deliver(event))
    }
    if (this.#stop.signal.aborted) return
    const done = Promise.all(all).then(durable)
    this.#before = done
    done.catch(() => {})
  }

  /** Nothing is tried again from now on. Resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#makeRoom()
    await Promise.allSettled([...this.#open, this.#before])
  }

  #deliver(event: LogEvent): Promise<void> {
    const key = event.session === undefined ? undefined : `${event.server} ${event.session}`
    const before = key === undefined ? undefined : this.#bySession.get(key)
    const done = this.#untilStored(event, before).finally(() => {
      this.#open.delete(done)
      if (key !== undefined && this.#bySession.get(key) === done) this.#bySession.delete(key)
      this.#makeRoom()
    })
    done.catch(() => {})
    this.#open.add(done)
    if (key !== undefined) this.#bySession.set(key, done)
    return done
  }

  /** Rejects when it is closed before. */
  async #untilStored(event: LogEvent, before: Promise<void> | undefined): Promise<void> {
    if (before) await before
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LAST_RETRY_MS)) {
      try {
        await this.#report(event)
        this.#sayTrouble(undefined)
        return
      } catch (error) {
        // What can never be stored is no reason to hold up what comes after it.
        if (kindOf(error) !== 'tempfail') return
        this.#sayTrouble(messageOf(error))
        await this.#wait(pause)
      }
    }
  }

  async #report({ kind, server, address, user, session, at }: LogEvent): Promise<void> {
    const report = { reporter: 'local', via: `log ${server}`, ...(at === undefined ? {} : { at }) } as const
    if (kind !== 'login' && kind !== 'alive') {
      if (session !== undefined) await this.#reports.logout({ ...report, session })
      return
    }
    if (address === undefined) return
    const result = await this.#reports.add({
      ...report,
      kind,
      client: address,
      ...(user === undefined ? {} : { user }),
      ...(session === undefined ? {} : { session: { id: session, kind: 'renews' } }),
    })
    if (result.status === 'refused')
      refused.publish({ reporter: 'local', client: address, reason: result.reason, via: report.via })
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#stop
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, ms)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
    })
  }

  #makeRoom(): void {
    for (const go of this.#room.splice(0)) go()
  }
}
