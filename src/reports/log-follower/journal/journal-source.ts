// The journal as a source of events.
import { wallClock } from '../../../lib/clock.ts'
import { messageOf } from '../../../lib/errors.ts'
import type { LogMatcher } from '../../../protocols/login-log/matcher.ts'
import type { Batch, LogSource, SourceStatus } from '../source.ts'
import { TroubleNote } from '../trouble.ts'
import { parseEntry, unitName } from './entry.ts'
import { type From, Journalctl } from './journalctl.ts'

const FIRST_PAUSE_MS = 1000
const LAST_PAUSE_MS = 60_000
/** A child that lived so long was well. */
const WELL_MS = 10_000
/** A child that ends so often without one entry does not like the cursor. */
const MOST_FAILURES = 2
/** Characters of JSON in which no entry can be: its fields are cut at 4096 bytes by journalctl. */
const MAX_ENTRY = 1_048_576

export class JournalSource implements LogSource {
  readonly #units: ReadonlySet<string>
  readonly #matcher: LogMatcher
  readonly #trouble: TroubleNote
  readonly #stop = new AbortController()
  readonly #since: number
  #from: From
  /** Children that ended since the last entry. */
  #failures = 0
  #child: Journalctl | undefined
  #working: Promise<void> | undefined

  /**
   * @param since seconds since the epoch: where to begin without a position
   * @param position as a batch of an earlier run told
   */
  constructor(name: string, units: readonly string[], matcher: LogMatcher, since: number, position: unknown) {
    this.#units = new Set(units.map(unitName))
    this.#matcher = matcher
    this.#trouble = new TroubleNote(name)
    this.#since = since
    this.#from = isPosition(position) ? { cursor: position.cursor } : { since }
  }

  run(take: (batch: Batch) => Promise<void>): void {
    this.#working = this.#work(take)
  }

  status(): SourceStatus {
    const trouble = this.#trouble.now
    return { waiting: false, ...(trouble ? { trouble } : {}) }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#child?.stop()
    await this.#working
  }

  async #work(take: (batch: Batch) => Promise<void>): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (!this.#stop.signal.aborted) {
      const began = performance.now()
      const child = new Journalctl([...this.#units], this.#from)
      this.#child = child
      const well = setTimeout(() => this.#trouble.set(undefined), WELL_MS).unref()
      await this.#read(child, take).catch((error) => this.#trouble.set(messageOf(error)))
      await child.stop()
      clearTimeout(well)
      if (this.#stop.signal.aborted) return
      this.#trouble.set(await child.ended)
      // The same logins again, with the same times, and no more.
      if (++this.#failures >= MOST_FAILURES) this.#from = { since: this.#since }
      if (performance.now() - began > WELL_MS) pause = FIRST_PAUSE_MS
      await this.#wait(pause)
      pause = Math.min(2 * pause, LAST_PAUSE_MS)
    }
  }

  /** Until its output ends. */
  async #read({ output }: Journalctl, take: (batch: Batch) => Promise<void>): Promise<void> {
    let rest = ''
    for await (const text of output.setEncoding('utf8')) {
      const lines = (rest + (text as string)).split('\n')
      rest = lines.pop()!
      if (rest.length > MAX_ENTRY) throw new Error('journalctl printed an entry without end')
      const batch = this.#batch(lines)
      if (batch) await take(batch)
      if (this.#stop.signal.aborted) return
    }
  }

  #batch(lines: readonly string[]): Batch | undefined {
    const now = wallClock()
    const events = []
    let [count, overlong, cursor] = [0, 0, '']
    for (const line of lines) {
      const parsed = parseEntry(line, this.#units)
      if (!parsed) continue
      cursor = parsed.cursor
      if (parsed.overlong) overlong++
      if (parsed.entry) count++
      const event = parsed.entry && this.#matcher.matchMessage(parsed.entry, now)
      if (event) events.push(event)
    }
    if (cursor === '') return undefined
    this.#from = { cursor }
    this.#failures = 0
    this.#trouble.set(undefined)
    return { events, lines: count, overlong, position: () => ({ cursor }) }
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#stop
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }
}

const isPosition = (value: unknown): value is { readonly cursor: string } =>
  typeof (value as { cursor?: unknown } | undefined)?.cursor === 'string'
