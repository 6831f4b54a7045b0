// Asks a server from time to time who is connected, and keeps their addresses authorized.
import type { LoginReports } from '../../core/reports.ts'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { type PollEvent, pollEvents } from './poll-events.ts'
import type { Connection, Source } from './source.ts'

/** Milliseconds for one poll, and never longer than the interval. */
const TIME_LIMIT = 30_000
/** In intervals: so long does one word of a connection hold, a poll that fails in between included. */
const LEASE = 2.5
/** Reports on the way to the store at once. */
const AT_ONCE = 500

/** Times in seconds since the epoch. */
export interface PollHealth {
  readonly name: string
  readonly from: string
  readonly interval: number
  /** The last poll that succeeded; null: none yet. */
  readonly polled_at: number | null
  readonly connections: number
  /** Of the last poll; null when it succeeded. */
  readonly error: string | null
  /** In a row, the last one included. */
  readonly failures: number
}

/**
 * Who is listed is connected, and who is listed no longer has gone. A poll that fails says nothing of anybody: the leases
 * of what was listed last run out. Somebody who was not in the list before has logged in since, which is news even after
 * a revocation, unless the revocation may have come later.
 */
export class Poller {
  readonly #table: LoginReports
  readonly #source: Source
  readonly #interval: number
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #polling: Promise<void> = Promise.resolve()
  /** Listed by the last poll that succeeded; with those whose end could not be stored since. */
  #open: ReadonlySet<string> = new Set()
  #polledAt: number | undefined
  #connections = 0
  #error: string | undefined
  #failures = 0

  /** @param interval seconds @param clock seconds since the epoch */
  constructor(table: LoginReports, source: Source, interval: number, clock: Clock) {
    this.#table = table
    this.#source = source
    this.#interval = interval
    this.#clock = clock
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#interval * 1000).unref()
    this.#tick()
  }

  health(): PollHealth {
    return {
      name: this.#source.name,
      from: this.#source.from,
      interval: this.#interval,
      polled_at: this.#polledAt ?? null,
      connections: this.#connections,
      error: this.#error ?? null,
      failures: this.#failures,
    }
  }

  /** Returns when nothing of it runs any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#polling
  }

  #tick(): void {
    this.#polling = this.#polling.then(() => this.poll())
  }

  /** One poll. Never rejects. */
  async poll(): Promise<void> {
    if (this.#stop.signal.aborted) return
    const limit = AbortSignal.timeout(Math.min(this.#interval * 1000, TIME_LIMIT))
    const asked = Math.floor(this.#clock())
    try {
      const connections = await this.#source.list(AbortSignal.any([limit, this.#stop.signal]))
      await this.#report(connections, asked)
      this.#succeeded(connections, asked)
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failed(limit.aborted ? 'no answer in time' : messageOf(error))
    }
  }

  #succeeded(connections: readonly Connection[], asked: number): void {
    if (this.#failures > 0) this.#publish({ type: 'recovered', name: this.#source.name, failures: this.#failures })
    this.#error = undefined
    this.#failures = 0
    this.#polledAt = asked
    this.#connections = connections.length
  }

  #failed(reason: string): void {
    this.#failures++
    if (reason !== this.#error) this.#publish({ type: 'failed', name: this.#source.name, reason })
    this.#error = reason
  }

  #publish(event: PollEvent): void {
    pollEvents.publish(event)
  }

  /** Rejects with `tempfail`; what was not stored is told again by the next poll. */
  async #report(connections: readonly Connection[], asked: number): Promise<void> {
    const before = this.#open
    const since = this.#polledAt
    const listed = new Map(connections.map((connection) => [connection.id, connection]))
    const gone = [...before].filter((id) => !listed.has(id))
    this.#open = new Set([...before, ...listed.keys()])
    await inSlices([...listed.values()], async (connection) => {
      if (since !== undefined && !before.has(connection.id)) await this.#add(connection, 'login', since)
      await this.#add(connection, 'alive', asked)
    })
    await inSlices(gone, (session) => this.#table.logout({ ...this.#who(), session }))
    this.#open = new Set(listed.keys())
  }

  #add({ id, client, user }: Connection, kind: 'login' | 'alive', at: number): Promise<unknown> {
    const lease = Math.ceil(LEASE * this.#interval)
    return this.#table.add({
      ...this.#who(),
      kind,
      client,
      at,
      ...(user === undefined ? {} : { user }),
      session: { id, lease, kind: 'renews' },
    })
  }

  #who() {
    return { via: this.#source.name, reporter: 'local' } as const
  }
}

async function inSlices<T>(all: readonly T[], work: (each: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) await Promise.all(all.slice(at, at + AT_ONCE).map(work))
}
