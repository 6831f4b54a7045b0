// Follows one log file through every kind of rotation, line by line, each line once.
import type { Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { DracError } from '../../../lib/errors.ts'
import type { Cut } from './cut-lines.ts'
import { BUFFER, Generation, type Identity, sameFile } from './generation.ts'
import { beginsAlike, headOf, type Mark, markIn, type StoredMark, type StoredPrint, storedMark } from './mark.ts'
import { OlderFiles, type Unread } from './older-files.ts'
import { findMarked } from './resume.ts'
import { checkMode, type OpenFile, safeOpen } from './safe-open.ts'
import { siblings } from './siblings.ts'

/** The clock that dates files may lag behind the one that is read here. */
const CLOCK_GRAIN_MS = 20

interface Where<M> {
  /** Oldest first; the last is the log itself, unless `path` led to nothing. */
  readonly marks: readonly M[]
  /** Milliseconds since the epoch: files that came to be later were not seen yet. */
  readonly seenMs: number
  /** What was read to its end and let go. */
  readonly done: readonly string[]
}
export type Position = Where<Mark>
export type StoredPosition = Where<StoredMark>

export const storedPosition = ({ marks, ...rest }: Position): StoredPosition => ({
  marks: marks.map(storedMark),
  ...rest,
})

export interface Piece extends Pick<Cut, 'lines' | 'overlong'> {
  /** After these lines. */
  readonly position: Position
}

export class FileTail {
  readonly path: string
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER)
  readonly #older: OlderFiles
  #current: Generation | undefined
  #opened = false
  #fromEnd = false
  #distrusted: Identity | undefined
  /** What the path led to at the last look. */
  #stats: Stats | undefined
  #seenMs = 0
  #waiting = true
  /** Bytes that are not read yet, as of the last look. */
  behind = 0

  /**
   * @param since seconds since the epoch: in a file whose position is not known, older lines are not read
   */
  constructor(path: string, since: () => number) {
    this.path = path
    this.#older = new OlderFiles(path, since)
  }

  /** The log is not there yet, or not any more. */
  get waiting(): boolean {
    return this.#waiting
  }

  get position(): Position {
    return { marks: this.#generations.map(({ mark }) => mark), seenMs: this.#seenMs, done: this.#older.done }
  }

  /** With the first `drain`, only what is written from then on is read. */
  startAtEnd(): void {
    this.#opened = true
    this.#fromEnd = true
  }

  /**
   * Where it was left before a restart. Resolves with the names of files that cannot be found any more: what was written
   * to them after the position is lost.
   */
  async resume({ marks, seenMs, done }: StoredPosition): Promise<readonly string[]> {
    this.#seenMs = seenMs
    this.#older.done = done
    const rotated = await siblings(this.path)
    const lost: string[] = []
    for (const mark of marks) {
      const found = await findMarked(mark, [this.path, mark.file], rotated)
      if (found) this.#older.list.push(found)
      else lost.push(mark.file)
    }
    const at = await stat(this.path).catch(() => undefined)
    const isLog = this.#older.list.findIndex((generation) => at && generation.is(at))
    if (isLog >= 0) [this.#current] = this.#older.list.splice(isLog, 1)
    if (this.#older.list.length + (this.#current ? 1 : 0) === 0) return lost
    this.#opened = true
    if (!this.#current) await this.#addUnread(() => marks.map(({ head }) => head))
    return lost
  }

  /** The whole lines before the position, some of them, as a matcher that remembers wants to see them again. */
  async linesBefore(): Promise<readonly string[]> {
    const lines = []
    for (const generation of this.#generations) lines.push(...(await generation.linesBefore(this.#buffer)))
    return lines
  }

  /**
   * Every whole line that was not read yet. Rejects with the system's error when the log cannot be opened, after what is
   * open already has been read; with `config`, and nothing read, when everybody may write to it.
   */
  async *drain(): AsyncGenerator<Piece> {
    const trouble = await this.#refresh().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (trouble instanceof DracError) throw trouble
    for (const generation of this.#generations) yield* this.#read(generation)
    await this.#older.letGo()
    if (trouble !== undefined) throw trouble
  }

  async close(): Promise<void> {
    await Promise.all(this.#generations.map((generation) => generation.close()))
    this.#older.list = []
    this.#current = undefined
  }

  get #generations(): readonly Generation[] {
    return this.#current ? [...this.#older.list, this.#current] : this.#older.list
  }

  get #heads(): readonly StoredPrint[] {
    return this.#generations.map(({ mark }) => storedMark(mark).head)
  }

  async *#read(generation: Generation): AsyncGenerator<Piece> {
    const known = this.#stats && generation.is(this.#stats) ? this.#stats : undefined
    yield* this.#readFrom(generation, known ?? (await generation.handle.stat()))
  }

  async *#readFrom(generation: Generation, stats: Stats): AsyncGenerator<Piece> {
    if (generation.isAsSeen(stats)) return
    for (;;) {
      const fromStart = generation === this.#current && generation.mark.offset === 0
      const head = fromStart ? yield* this.#wasCutUnseen(generation) : undefined
      const cut = await generation.read(this.#buffer)
      this.behind = Math.max(0, stats.size - generation.mark.offset)
      if (cut === undefined) break
      if (cut === 'cut') yield* this.#wasCut(generation)
      // It was cut after we looked for copies: they come first.
      else if (head && !(await beginsAlike(generation.handle, head))) generation.restart()
      else yield { lines: cut.lines, overlong: cut.overlong, position: this.position }
    }
    generation.sawEnd(stats)
  }

  /** The file was truncated: what was not read before is in the copy that was made, if there is one. */
  async *#wasCut(generation: Generation): AsyncGenerator<Piece> {
    const mark = storedMark(generation.mark)
    generation.restart()
    const rotated = (await siblings(this.path)).filter(({ stats }) => !generation.is(stats))
    const copy = await findMarked(mark, [], rotated)
    const unread = await this.#addUnread(() => [mark.head], copy?.mark)
    if (copy) this.#older.list.splice(this.#older.list.length - unread, 0, copy)
    for (const each of this.#older.list.slice(this.#older.list.length - unread - (copy ? 1 : 0)))
      yield* this.#read(each)
  }

  /**
   * Of a file of which nothing was read there are no bytes to compare. If it was truncated all the same, the copy does not
   * begin as the file does; one that does is being made just now. Returns how the file began before copies were looked
   * for: when it still does after the read, no copy was made meanwhile of what was not read.
   */
  async *#wasCutUnseen(generation: Generation): AsyncGenerator<Piece, StoredPrint> {
    for (;;) {
      const head = await headOf(generation.handle)
      const unread = await this.#addUnread(() => [head], undefined, false)
      if (unread === 0) return head
      for (const each of this.#older.list.slice(this.#older.list.length - unread)) yield* this.#read(each)
    }
  }

  /** What the path leads to now. */
  async #refresh(): Promise<void> {
    const beganMs = Date.now() - CLOCK_GRAIN_MS
    const at = await stat(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    this.#waiting = at === undefined
    if (this.#waiting) this.#fromEnd = false
    this.#stats = at
    if (at) await this.#look(at)
    else await this.#addOthers()
    this.#seenMs = beganMs
  }

  async #look(at: Stats): Promise<void> {
    try {
      checkMode(this.path, at)
      if (!this.#current?.is(at)) await this.#switch()
    } catch (error) {
      if (error instanceof DracError) this.#distrust(at)
      throw error
    }
    const { handle, mark } = this.#current!
    if (this.#isDistrusted(mark)) this.#current = await Generation.at(handle, mark.file, at, at.size)
    this.#distrusted = undefined
  }

  /** While everybody may write to it, anybody may have: what is in it then is never read. */
  #distrust(at: Stats): void {
    if (this.#isDistrusted(at)) return
    this.#distrusted = { dev: at.dev, ino: at.ino }
    this.#older.remember(at)
  }

  #isDistrusted(file: Identity): boolean {
    return this.#distrusted !== undefined && sameFile(this.#distrusted, file)
  }

  async #switch(): Promise<void> {
    const file = await safeOpen(this.path)
    if (this.#current && this.#isDistrusted(this.#current.mark)) {
      await this.#older.close(this.#current)
      this.#current = undefined
    }
    const known = this.#older.list.findIndex((generation) => generation.is(file.stats))
    const before = this.#current
    if (known >= 0) {
      // A link that leads back to a file it led to before.
      await file.handle.close()
      ;[this.#current] = this.#older.list.splice(known, 1)
      if (before) this.#older.list.push(before)
      return
    }
    try {
      const next = await (before ? this.#after(before, file) : this.#first(file))
      this.#current = next
    } catch (error) {
      await file.handle.close()
      throw error
    }
    this.#opened = true
    this.#fromEnd = false
  }

  /** In place of the log that was followed up to now. */
  async #after(before: Generation, { handle, stats }: OpenFile): Promise<Generation> {
    const file = await realpath(this.path)
    const mark = before.mark.offset > 0 && (await markIn(handle, storedMark(before.mark)))
    if (mark) {
      // Written anew with what it held before and more, as rsync does.
      await before.close()
      return new Generation(handle, { ...mark, file, dev: stats.dev, ino: stats.ino })
    }
    const next = await Generation.at(handle, file, stats, 0)
    const unread = await this.#addUnread(() => this.#heads, stats)
    // Before what was not read: it is older.
    this.#older.list.splice(this.#older.list.length - unread, 0, before)
    return next
  }

  async #first(file: OpenFile): Promise<Generation> {
    await this.#addOthers(file.stats)
    const offset = this.#fromEnd ? file.stats.size : await this.#older.startIn(file)
    return Generation.at(file.handle, await realpath(this.path), file.stats, offset)
  }

  /** Files that came and were rotated away between two looks. Resolves with how many. */
  #addUnread(heads: Unread['heads'], besides?: Identity, remember = true): Promise<number> {
    const known = [this.#current?.mark, besides].filter((file) => file !== undefined)
    return this.#older.addUnread({ sinceMs: this.#seenMs, heads, known, remember })
  }

  /** What is not the log any more, and was not read. */
  async #addOthers(log?: Identity): Promise<void> {
    if (this.#seenMs > 0) await this.#addUnread(() => this.#heads, log)
    else if (!this.#opened) await this.#older.addRecent(log ? [log] : [])
  }
}
