// A map file that follows the relay table. A passive exit: it listens and lists, and nothing waits for it.
import type { Stats } from 'node:fs'
import type { Authorization } from '../../core/authorization.ts'
import { type Change, changes } from '../../core/changes.ts'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { hasFixedValue } from './formats.ts'
import { buildImage, type Image } from './image.ts'
import { ImageBuilder } from './image-builder.ts'
import { type Listing, listInto } from './listing.ts'
import { type CommandLimits, MapCommand } from './map-command.ts'
import { checkMapConfig, type MapConfig } from './map-config.ts'
import { mapEvents } from './map-events.ts'
import type { MapHealth, MapStatus } from './map-status.ts'
import { earliestForChanges, earliestForExpiries, NEVER, PACE, type Pace, retryAfter, untilExpired } from './pace.ts'
import { checkPlace, isStill, removeLeftovers, replaceFile } from './write-file.ts'

/** Everything that permits at `now`, from one consistent state. May throw `tempfail`. */
export type ListLive = (now: number) => Iterable<Authorization>

export interface PublisherOptions {
  readonly pace?: Pace
  /** Clients above which a worker thread builds the file. */
  readonly small?: number
  readonly commandLimits?: CommandLimits
}

const NOTHING: Listing = { entries: 0, networks: 0, earliest: Number.POSITIVE_INFINITY }

/**
 * Every change that is published before a rewrite begins is in the file when the rewrite ends, because it begins with a
 * listing; changes during one cause one more. The file is always whole, and never holds what expired longer ago than
 * `lag` of its status says. A failed rewrite leaves the file as it was and is tried again until it succeeds.
 */
export class MapPublisher {
  readonly config: MapConfig
  readonly #list: ListLive
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #builder: ImageBuilder
  readonly #command: MapCommand | undefined
  readonly #onChange = (message: unknown): void => this.#changed(message as Change)
  /** When the oldest change arrived that no rewrite has begun with; in milliseconds of performance.now(), as all times here. */
  #waiting: number | undefined
  /** The same for the rewrite that is going on. */
  #inProgress: number | undefined
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  #last = NEVER
  #listing = NOTHING
  #image: { id: string; keys: number; bytes: number; stats: Stats; writtenAt: number } | undefined
  #rewrites = 0
  #failures = { total: 0, inARow: 0, reason: '', since: 0 }
  /** Seconds since the epoch when the clock was last looked at. */
  #seen = 0

  /** @param clock seconds since the epoch */
  constructor(config: MapConfig, list: ListLive, clock: Clock, options: PublisherOptions = {}) {
    const { pace = PACE, small, commandLimits } = options
    this.config = config
    this.#list = list
    this.#clock = clock
    this.#pace = pace
    this.#builder = new ImageBuilder(config, small)
    if (config.command) this.#command = new MapCommand(config.command, config.path, clock, pace, commandLimits)
  }

  /** Begins to follow the table, with a first rewrite under way. Rejects with `config` when no map may be kept there. */
  async start(): Promise<void> {
    checkMapConfig(this.config)
    await checkPlace(this.config.path)
    await removeLeftovers(this.config.path)
    changes.subscribe(this.#onChange)
    this.refresh()
  }

  /** Lists again soon, for what no change is published of: a clock or a policy that changed. */
  refresh(): void {
    if (this.#waiting !== undefined) return
    this.#waiting = performance.now()
    this.#schedule()
  }

  /**
   * Puts an empty map in place at once, whatever the table says; for -i, before `start`. Does not wait for the command.
   * Rejects when it cannot.
   */
  async empty(): Promise<void> {
    checkMapConfig(this.config)
    await this.#running
    await this.#put(buildImage([], this.config), NOTHING)
  }

  /**
   * Stops, and leaves an empty map: nobody would take out what expires. The command has run on it then. Rejects when it
   * cannot be written or the command fails. Without `start` before, this only empties the map: after a crash, say.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Of the file; when that is well, of what its command makes of it. */
  health(): MapHealth {
    const { inARow, reason, since } = this.#failures
    if (inARow > 0) return { state: 'down', reason, since }
    return this.#command?.status().health ?? { state: 'up' }
  }

  status(): MapStatus {
    const { path, format } = this.config
    const { entries, networks } = this.#listing
    return {
      path,
      format,
      entries,
      networks,
      keys: this.#image?.keys ?? 0,
      bytes: this.#image?.bytes ?? 0,
      ...(this.#image ? { writtenAt: this.#image.writtenAt } : {}),
      duration: this.#rewrites > 0 ? (this.#last.end - this.#last.start) / 1000 : 0,
      lag: Math.max(this.#lag(), this.#command?.lag() ?? 0),
      rewrites: this.#rewrites,
      failures: this.#failures.total,
      ...(this.#command ? { command: this.#command.status() } : {}),
      health: this.health(),
    }
  }

  async #close(): Promise<void> {
    changes.unsubscribe(this.#onChange)
    clearTimeout(this.#timer)
    await this.#running
    await this.#builder.close()
    await this.#command?.quiet()
    await this.empty()
    await this.#command?.last()
  }

  #changed({ type }: Change): void {
    // What has expired is taken out without being told, and before the sweep tells.
    if (type === 'expired' || (type === 'renewed' && hasFixedValue(this.config))) return
    this.refresh()
  }

  /** Sets the timer for what comes next: a retry, a change, an expiry, or nothing. */
  #schedule(): void {
    if (this.#running || this.#closing) return
    clearTimeout(this.#timer)
    const wait = this.#wait()
    if (wait === undefined) return
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, wait)).unref()
  }

  /** Milliseconds until there may be something to do; 0 or less when there is. */
  #wait(): number | undefined {
    const now = performance.now()
    if (this.#failures.inARow > 0) return this.#last.end + retryAfter(this.#pace, this.#failures.inARow) - now
    const waits: number[] = []
    if (this.#waiting !== undefined) waits.push(earliestForChanges(this.#pace, this.#last) - now)
    if (this.#listing.entries > 0) {
      const expired = untilExpired(this.#pace, this.#listing.earliest, this.#clock())
      waits.push(Math.max(expired, earliestForExpiries(this.#pace, this.#last) - now))
    }
    return waits.length > 0 ? Math.min(...waits) : undefined
  }

  #tick(): void {
    this.#watchClock()
    const wait = this.#wait()
    if (wait === undefined || wait > 0) {
      this.#schedule()
      return
    }
    // Begun in a microtask, so that it counts as running before anything that it lists can publish a change.
    this.#running = Promise.resolve()
      .then(() => this.#rewrite())
      .finally(() => {
        this.#running = undefined
        this.#schedule()
      })
  }

  /** After a step back the expiries that were listed are no longer those of the table. */
  #watchClock(): void {
    const now = this.#clock()
    if (now < this.#seen) this.#waiting ??= performance.now()
    this.#seen = now
  }

  /** Never rejects. */
  async #rewrite(): Promise<void> {
    const start = performance.now()
    this.#inProgress = this.#waiting
    this.#waiting = undefined
    try {
      this.#builder.begin()
      const now = this.#clock()
      const listing = await listInto(
        this.#builder,
        this.#list(now),
        now,
        this.config,
        () => this.#closing !== undefined,
      )
      if (listing === undefined) return
      const image = await this.#builder.finish()
      if (this.#closing) return
      await this.#put(image, listing)
      this.#succeeded()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#inProgress = undefined
      this.#last = { start, end: performance.now() }
    }
  }

  /** Leaves the file alone when it has this content already: an expiry that was renewed in time, say. */
  async #put({ id, bytes, keys }: Image, listing: Listing): Promise<void> {
    const same = this.#image?.id === id && (await isStill(this.config.path, this.#image.stats))
    if (!same) {
      const stats = await replaceFile(this.config.path, bytes)
      this.#image = { id, keys, bytes: bytes.length, stats, writtenAt: this.#clock() }
      this.#rewrites++
      this.#command?.replaced()
    }
    this.#listing = listing
  }

  #succeeded(): void {
    if (this.#failures.inARow > 0) mapEvents.publish({ type: 'recovered', path: this.config.path, what: 'file' })
    this.#failures.inARow = 0
  }

  #failed(error: unknown): void {
    const reason = messageOf(error)
    const { total, inARow, since } = this.#failures
    this.#failures = { total: total + 1, inARow: inARow + 1, reason, since: inARow > 0 ? since : this.#clock() }
    if (this.#inProgress !== undefined) this.#waiting = this.#inProgress
    if (inARow === 0) mapEvents.publish({ type: 'failed', path: this.config.path, what: 'file', reason })
  }

  /** Seconds for which the file has not been what the table says. */
  #lag(): number {
    const oldest = this.#inProgress ?? this.#waiting
    const changed = oldest === undefined ? 0 : (performance.now() - oldest) / 1000
    return Math.max(changed, this.#clock() - this.#listing.earliest - 1, 0)
  }
}
