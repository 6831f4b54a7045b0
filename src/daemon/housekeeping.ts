// What happens by the clock: the sweep, the watch on the clock itself, the rates.
import { ClockStepWatch } from '../core/clock-step.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { messageOf } from '../lib/errors.ts'
import type { Log } from './log.ts'
import { RateMeter } from './rate-meter.ts'

const TICK_MS = 1000
const SAMPLE_TICKS = 5

const wall = (): number => Date.now() / 1000
const monotonic = (): number => performance.now() / 1000

export class Housekeeping {
  readonly #table: RelayTable
  readonly #log: Log
  readonly #clockMoved: () => void
  readonly #clock = new ClockStepWatch(wall(), monotonic())
  readonly #reports = new RateMeter()
  readonly #lookups = new RateMeter()
  readonly #timer: NodeJS.Timeout
  #ticks = 0
  #sweptAt = monotonic()
  #nextSweep: number
  #sweeping: Promise<void> | undefined
  #renewing: Promise<void> | undefined

  /** @param clockMoved called after the stored expiries were moved, which no change tells */
  constructor(table: RelayTable, log: Log, clockMoved: () => void) {
    this.#clockMoved = clockMoved
    this.#table = table
    this.#log = log
    this.#nextSweep = monotonic() + this.#sweepInterval()
    this.#sample()
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  rates(): { reports: number; lookups: number } {
    return {
      reports: this.#reports.rate(monotonic(), this.#reportCount()),
      lookups: this.#lookups.rate(monotonic(), this.#lookupCount()),
    }
  }

  /** Whole seconds since the last sweep ended. */
  expiryLag(): number {
    return Math.floor(monotonic() - this.#sweptAt)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping
    await this.#renewing
  }

  #tick(): void {
    const step = this.#clock.check(wall(), monotonic())
    if (step < 0) this.#setBack(step)
    if (this.#ticks++ % SAMPLE_TICKS === 0) this.#sample()
    this.#renewConnected()
    if (monotonic() < this.#nextSweep || this.#sweeping) return
    this.#nextSweep = monotonic() + this.#sweepInterval()
    this.#sweeping = this.#table
      .sweep()
      .then(() => {
        this.#sweptAt = monotonic()
      })
      .catch((error) => this.#log.debug({ event: 'sweep-failed', reason: messageOf(error) })) // the store says why it is down
      .finally(() => {
        this.#sweeping = undefined
      })
  }

  /** One at a time; what fails is due again at the next tick. */
  #renewConnected(): void {
    this.#renewing ??= this.#table
      .renewConnected()
      .catch((error) => this.#log.debug({ event: 'renewal-failed', reason: messageOf(error) })) // the store says why it is down
      .finally(() => {
        this.#renewing = undefined
      })
  }

  /** A tenth of the lifetime, as rpc.dracd does it. */
  #sweepInterval(): number {
    return Math.min(Math.max(this.#table.policy.lifetime / 10, 1), 180)
  }

  /** What was to expire in ten minutes still does. */
  #setBack(step: number): void {
    this.#log.warn({ event: 'clock-set-back', seconds: -step, message: 'every authorization is moved with the clock' })
    this.#table
      .shift(step)
      .then(this.#clockMoved)
      .catch((error) => this.#log.error({ event: 'clock-set-back', message: messageOf(error) }))
  }

  #sample(): void {
    this.#reports.sample(monotonic(), this.#reportCount())
    this.#lookups.sample(monotonic(), this.#lookupCount())
  }

  #reportCount(): number {
    const { added, renewed, ignored } = this.#table.counters
    return Object.values(ignored).reduce((sum, count) => sum + count, added + renewed)
  }

  #lookupCount(): number {
    const { permit, dunno, tempfail } = this.#table.counters.lookups
    return permit + dunno + tempfail
  }
}
