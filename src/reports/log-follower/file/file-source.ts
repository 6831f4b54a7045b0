// A log file as a source of events.
import { wallClock } from '../../../lib/clock.ts'
import { messageOf } from '../../../lib/errors.ts'
import type { LogMatcher } from '../../../protocols/login-log/matcher.ts'
import type { Batch, LogSource, SourceStatus } from '../source.ts'
import { logTrouble, TroubleNote } from '../trouble.ts'
import { FileTail, type Piece, type StoredPosition, storedPosition } from './file-tail.ts'
import { isStoredMark } from './mark.ts'
import { Watch } from './watch.ts'

export class FileSource implements LogSource {
  readonly #tail: FileTail
  readonly #matcher: LogMatcher
  readonly #trouble: TroubleNote
  #watch: Watch | undefined
  #working: Promise<void> | undefined
  #again = false
  #closed = false
  #file = ''

  private constructor(tail: FileTail, matcher: LogMatcher) {
    this.#tail = tail
    this.#matcher = matcher
    this.#trouble = new TroubleNote(tail.path)
  }

  /**
   * @param since seconds since the epoch: older lines are not looked for
   * @param position as a batch of an earlier run told; `end` to read only what is written from now on
   */
  static async open(path: string, matcher: LogMatcher, since: () => number, position: unknown): Promise<FileSource> {
    const tail = new FileTail(path, since)
    if (position === 'end') tail.startAtEnd()
    else if (isPosition(position)) {
      const lost = await tail.resume(position)
      if (lost.length > 0) logTrouble.publish({ type: 'lost', log: path, files: lost })
      // Seen before, events and all: the matcher joins what follows to them.
      for (const line of await tail.linesBefore()) matcher.match(line, wallClock())
    }
    return new FileSource(tail, matcher)
  }

  run(take: (batch: Batch) => Promise<void>): void {
    this.#watch = new Watch(this.#tail.path, () => this.#wake(take))
    this.#wake(take)
  }

  status(): SourceStatus {
    const trouble = this.#trouble.now
    const mark = this.#tail.position.marks.at(-1)
    return {
      waiting: this.#tail.waiting,
      ...(trouble ? { trouble } : {}),
      ...(mark ? { offset: mark.offset, behind: this.#tail.behind } : {}),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch?.close()
    await this.#working
    await this.#tail.close()
  }

  #wake(take: (batch: Batch) => Promise<void>): void {
    this.#again = true
    this.#working ??= this.#work(take).finally(() => {
      this.#working = undefined
    })
  }

  async #work(take: (batch: Batch) => Promise<void>): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false
      try {
        await this.#drain(take)
        this.#trouble.set(undefined)
      } catch (error) {
        this.#trouble.set(messageOf(error))
      }
      this.#renewWatch()
    }
  }

  async #drain(take: (batch: Batch) => Promise<void>): Promise<void> {
    for await (const piece of this.#tail.drain()) {
      await take(this.#batch(piece))
      if (this.#closed) return
    }
  }

  #batch({ lines, overlong, position }: Piece): Batch {
    const now = wallClock()
    const events = []
    for (const line of lines) {
      const event = this.#matcher.match(line, now)
      if (event) events.push(event)
    }
    return { events, lines: lines.length, overlong, position: () => storedPosition(position) }
  }

  /** Another file has taken the place of the one that is watched. */
  #renewWatch(): void {
    const mark = this.#tail.position.marks.at(-1)
    const file = mark && !this.#tail.waiting ? `${mark.dev} ${mark.ino}` : ''
    if (file === this.#file || this.#closed) return
    this.#file = file
    this.#watch?.renew()
    // What came before it was watched.
    this.#again = true
  }
}

function isPosition(value: unknown): value is StoredPosition {
  const { marks, seenMs, done } = (value ?? {}) as Partial<StoredPosition>
  return Array.isArray(marks) && marks.every(isStoredMark) && typeof seenMs === 'number' && Array.isArray(done)
}
