// The command of one map: once after each replacement, never twice at once, again when it failed.
import type { Clock } from '../../lib/clock.ts'
import { tempfail } from '../../lib/errors.ts'
import { mapEvents } from './map-events.ts'
import type { CommandStatus } from './map-status.ts'
import { type Pace, retryAfter } from './pace.ts'
import { runCommand } from './run-command.ts'

/** How long a command may run, in milliseconds. */
export interface CommandLimits {
  readonly run: number
  /** From `close` on: first for one that is running, then for the last one. */
  readonly stop: number
}

export const COMMAND_LIMITS: CommandLimits = { run: 30_000, stop: 10_000 }

/** Replacements that happen while the command runs are one more run after it. */
export class MapCommand {
  readonly #command: string
  readonly #path: string
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #limits: CommandLimits
  readonly #stop = new AbortController()
  /** When the oldest replacement was that no run has begun after; in milliseconds of performance.now(). */
  #waiting: number | undefined
  #inProgress: number | undefined
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #closing = false
  #runs = 0
  #duration = 0
  #failures = { total: 0, inARow: 0, reason: '', since: 0 }

  /** @param clock seconds since the epoch */
  constructor(command: string, path: string, clock: Clock, pace: Pace, limits: CommandLimits = COMMAND_LIMITS) {
    this.#command = command
    this.#path = path
    this.#clock = clock
    this.#pace = pace
    this.#limits = limits
  }

  /** The file has just been replaced. Nothing waits for the command but `close`. */
  replaced(): void {
    this.#waiting ??= performance.now()
    if (!this.#closing) this.#start()
  }

  /** No retries from now on; what is running is given `limits.stop` to end. Resolves when nothing runs. */
  async quiet(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#timer)
    if (this.#running === undefined) return
    const timer = setTimeout(() => this.#stop.abort(), this.#limits.stop)
    await this.#running
    clearTimeout(timer)
  }

  /** After `quiet`: runs a last time when the file was replaced since it last ran with success. Rejects when it fails. */
  async last(): Promise<void> {
    if (this.#waiting === undefined) return
    await this.#run(this.#limits.stop)
    const { inARow, reason } = this.#failures
    if (inARow > 0) throw tempfail('DRAC_MAP_COMMAND', `map ${this.#path}: ${reason}`)
  }

  status(): CommandStatus {
    const { total, inARow, reason, since } = this.#failures
    return {
      runs: this.#runs,
      duration: this.#duration,
      failures: total,
      health: inARow > 0 ? { state: 'down', reason, since } : { state: 'up' },
    }
  }

  /** Seconds since the oldest replacement that the command has not dealt with; 0 when there is none. */
  lag(): number {
    const oldest = this.#inProgress ?? this.#waiting
    return oldest === undefined ? 0 : (performance.now() - oldest) / 1000
  }

  #start(): void {
    if (this.#running) return
    clearTimeout(this.#timer)
    this.#running = this.#run(this.#limits.run, this.#stop.signal).then(() => {
      this.#running = undefined
      if (this.#waiting !== undefined && !this.#closing) this.#schedule()
    })
  }

  #schedule(): void {
    const { inARow } = this.#failures
    if (inARow === 0) this.#start()
    else this.#timer = setTimeout(() => this.#start(), retryAfter(this.#pace, inARow)).unref()
  }

  async #run(limit: number, stop?: AbortSignal): Promise<void> {
    const start = performance.now()
    this.#inProgress = this.#waiting
    this.#waiting = undefined
    const trouble = await runCommand(this.#command, this.#path, limit, stop)
    this.#runs++
    this.#duration = (performance.now() - start) / 1000
    if (trouble === undefined) this.#succeeded()
    else this.#failed(trouble)
    this.#inProgress = undefined
  }

  #succeeded(): void {
    if (this.#failures.inARow > 0) mapEvents.publish({ type: 'recovered', path: this.#path, what: 'command' })
    this.#failures.inARow = 0
  }

  #failed(trouble: string): void {
    const reason = `its command failed: ${trouble}`
    const { total, inARow, since } = this.#failures
    this.#failures = { total: total + 1, inARow: inARow + 1, reason, since: inARow > 0 ? since : this.#clock() }
    this.#waiting = this.#inProgress
    if (inARow === 0) mapEvents.publish({ type: 'failed', path: this.#path, what: 'command', reason })
  }
}
