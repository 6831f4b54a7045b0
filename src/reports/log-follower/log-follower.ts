// One log that is followed: its source, the way to the relay table, the position that is kept.
import type { LoginReports } from '../../core/reports.ts'
import type { LogEvent } from '../../protocols/login-log/event.ts'
import { Delivery } from './delivery.ts'
import type { Positions } from './positions.ts'
import type { Batch, LogSource, SourceStatus } from './source.ts'
import { TroubleNote } from './trouble.ts'

/** Since the log was followed first, over restarts; what is read again after a crash counts once. */
export interface Counts {
  readonly lines: number
  /** Lines that told of a login or a logout. */
  readonly events: number
  readonly overlong: number
  /** Seconds since the epoch, as the last line with an event told. */
  readonly lastEventAt?: number
}

export interface FollowerStatus extends SourceStatus, Counts {}

interface Kept {
  readonly counts: Counts
  readonly position: unknown
}

const NONE: Counts = { lines: 0, events: 0, overlong: 0 }

export interface FollowerOptions {
  /** In messages, and of its position. */
  readonly name: string
  readonly positions: Positions
  readonly reports: LoginReports
  /** Seconds since the epoch: events from before are not reported, though they may be in the log. */
  readonly notBefore: number
  /** @param position of the last run, to go on from; undefined when there is none */
  readonly open: (position: unknown) => Promise<LogSource>
}

export class LogFollower {
  readonly name: string
  readonly #positions: Positions
  readonly #notBefore: number
  readonly #source: LogSource
  readonly #delivery: Delivery
  readonly #storeTrouble: TroubleNote
  #counts: Counts

  static async start({ open, ...options }: FollowerOptions): Promise<LogFollower> {
    const kept = options.positions.get(options.name) as Kept | undefined
    const source = await open(kept?.position)
    const follower = new LogFollower(options, source, kept?.counts ?? NONE)
    source.run((batch) => follower.#take(batch))
    return follower
  }

  private constructor(
    { name, positions, reports, notBefore }: Omit<FollowerOptions, 'open'>,
    source: LogSource,
    counts: Counts,
  ) {
    this.name = name
    this.#positions = positions
    this.#notBefore = notBefore
    this.#source = source
    this.#counts = counts
    this.#storeTrouble = new TroubleNote(name)
    this.#delivery = new Delivery(reports, (reason) =>
      this.#storeTrouble.set(reason && `logins cannot be stored: ${reason}; the position is held`),
    )
  }

  status(): FollowerStatus {
    const source = this.#source.status()
    const trouble = this.#storeTrouble.now ?? source.trouble
    return { ...source, ...this.#counts, ...(trouble ? { trouble } : {}) }
  }

  /** Resolves once what was read is stored or given up; the position says which. */
  async close(): Promise<void> {
    // Both at once: the source may be waiting for the delivery.
    await Promise.all([this.#source.close(), this.#delivery.close()])
  }

  #take({ events, lines, overlong, position }: Batch): Promise<void> {
    const last = events.at(-1)?.at ?? this.#counts.lastEventAt
    const counts: Counts = {
      lines: this.#counts.lines + lines,
      events: this.#counts.events + events.length,
      overlong: this.#counts.overlong + overlong,
      ...(last === undefined ? {} : { lastEventAt: last }),
    }
    this.#counts = counts
    const mayCount = ({ at }: LogEvent): boolean => at === undefined || at >= this.#notBefore
    return this.#delivery.take(events.filter(mayCount), () =>
      this.#positions.set(this.name, (): Kept => ({ counts, position: position() })),
    )
  }
}
