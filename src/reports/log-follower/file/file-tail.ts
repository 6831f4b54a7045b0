// Follows one log file through every kind of rotation, line by line, each line once.
import type { Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { wallClock } from '../../../lib/clock.ts'
import { DracError } from '../../../lib/errors.ts'
import type { Cut } from './cut-lines.ts'
import { BUFFER, Generation, type Identity, sameFile } from './generation.ts'
import { headOf, type Mark, markIn, type StoredMark, type StoredPrint, storedMark } from './mark.ts'
import { findMarked, findUnread } from './resume.ts'
import { checkMode, type OpenFile, safeOpen } from './safe-open.ts'
import { siblings } from './siblings.ts'
import { findStart } from './start.ts'

/** Files that were the log before and are read on, for late writes: a server keeps its file open until it is told. */
const MOST_OLDER = 3
/** A file that was deleted is let go once nothing was written to it for so long. */
const DELETED_QUIET_MS = 60_000
/** Files that are remembered after they were let go. */
const MOST_DONE = 16
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
  readonly #since: () => number
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER)
  /** Oldest first. */
  #older: Generation[] = []
  #current: Generation | undefined
  #done: readonly string[] = []
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
    this.#since = since
  }

  /** The log is not there yet, or not any more. */
  get waiting(): boolean {
    return this.#waiting
  }

  get position(): Position {
    return { marks: this.#generations.map(({ mark }) => mark), seenMs: this.#seenMs, done: this.#done }
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
    this.#done = done
    const rotated = await siblings(this.path)
    const lost: string[] = []
    for (const mark of marks) {
      const found = await findMarked(mark, [this.path, mark.file], rotated)
      if (found) this.#older.push(found)
      else lost.push(mark.file)
    }
    const at = await stat(this.path).catch(() => undefined)
    const isLog = this.#older.findIndex((generation) => at && generation.is(at))
    if (isLog >= 0) [this.#current] = this.#older.splice(isLog, 1)
    if (this.#older.length + (this.#current ? 1 : 0) === 0) return lost
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
    await this.#letGo()
    if (trouble !== undefined) throw trouble
  }

  async close(): Promise<void> {
    await Promise.all(this.#generations.map((generation) => generation.close()))
    this.#older = []
    this.#current = undefined
  }

  get #generations(): readonly Generation[] {
    return this.#current ? [...this.#older, this.#current] : this.#older
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
    if (generation === this.#current && generation.mark.offset === 0) yield* this.#wasCutUnseen(generation)
    for (;;) {
      const cut = await generation.read(this.#buffer)
      this.behind = Math.max(0, stats.size - generation.mark.offset)
      if (cut === undefined) break
      if (cut === 'cut') yield* this.#wasCut(generation)
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
    if (copy) this.#older.splice(this.#older.length - unread, 0, copy)
    for (const each of this.#older.slice(this.#older.length - unread - (copy ? 1 : 0))) yield* this.#read(each)
  }

  /**
   * Of a file of which nothing was read there are no bytes to compare. If it was truncated all the same, the copy does not
   * begin as the file does; one that does is being made just now.
   */
  async *#wasCutUnseen(generation: Generation): AsyncGenerator<Piece> {
    const unread = await this.#addUnread(async () => [await headOf(generation.handle)], undefined, false)
    for (const each of this.#older.slice(this.#older.length - unread)) yield* this.#read(each)
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
    this.#remember(nameOf(at))
  }

  #isDistrusted(file: Identity): boolean {
    return this.#distrusted !== undefined && sameFile(this.#distrusted, file)
  }

  async #switch(): Promise<void> {
    const file = await safeOpen(this.path)
    if (this.#current && this.#isDistrusted(this.#current.mark)) {
      await this.#close(this.#current)
      this.#current = undefined
    }
    const known = this.#older.findIndex((generation) => generation.is(file.stats))
    const before = this.#current
    if (known >= 0) {
      // A link that leads back to a file it led to before.
      await file.handle.close()
      ;[this.#current] = this.#older.splice(known, 1)
      if (before) this.#older.push(before)
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
    this.#older.splice(this.#older.length - unread, 0, before)
    return next
  }

  async #first({ handle, stats }: OpenFile): Promise<Generation> {
    await this.#addOthers(stats)
    const offset = this.#fromEnd ? stats.size : await this.#startIn(handle, stats.size)
    return Generation.at(handle, await realpath(this.path), stats, offset)
  }

  #startIn(handle: Generation['handle'], size: number): Promise<number> {
    return findStart(handle, size, this.#since(), wallClock())
  }

  /** Files that came and were rotated away between two looks. Resolves with how many. */
  async #addUnread(
    heads: () => readonly StoredPrint[] | Promise<readonly StoredPrint[]>,
    besides?: Identity,
    remember = true,
  ): Promise<number> {
    const known = [...this.#generations.map(({ mark }) => mark), ...(besides ? [besides] : [])]
    const rotated = (await siblings(this.path)).filter(({ stats }) => !this.#done.includes(nameOf(stats)))
    const { unread, copies } = await findUnread(rotated, this.#seenMs, known, await heads())
    if (remember) this.#remember(...copies.map(({ stats }) => nameOf(stats)))
    return this.#addOlder(unread)
  }

  /** What is not the log any more, and was not read; of a log that was never followed before, what may have recent lines. */
  async #addOthers(log?: Identity): Promise<void> {
    if (this.#seenMs > 0) await this.#addUnread(() => this.#heads, log)
    else if (!this.#opened) {
      const recent = (await siblings(this.path)).filter(({ stats }) => stats.mtimeMs >= this.#since() * 1000)
      await this.#addOlder((await findUnread(recent.slice(-MOST_OLDER), 0, log ? [log] : [], [])).unread)
    }
  }

  async #addOlder(files: readonly OpenFile[]): Promise<number> {
    for (const { path, handle, stats } of files)
      this.#older.push(await Generation.at(handle, path, stats, await this.#startIn(handle, stats.size)))
    return files.length
  }

  async #letGo(): Promise<void> {
    const now = Date.now()
    const kept: Generation[] = []
    for (const [i, generation] of this.#older.entries()) {
      const isExtra = i < this.#older.length - MOST_OLDER
      const over = isExtra || generation.isCopy || (await this.#isDeletedAndQuiet(generation, now))
      if (over) await this.#close(generation)
      else kept.push(generation)
    }
    this.#older = kept
  }

  async #close(generation: Generation): Promise<void> {
    this.#remember(nameOf(await generation.handle.stat()))
    await generation.close()
  }

  #remember(...names: readonly string[]): void {
    this.#done = [...this.#done, ...names].slice(-MOST_DONE)
  }

  async #isDeletedAndQuiet(generation: Generation, now: number): Promise<boolean> {
    return generation.quietFor(now) > DELETED_QUIET_MS && (await generation.handle.stat()).nlink === 0
  }
}

const nameOf = ({ dev, ino, birthtimeMs }: Identity & { birthtimeMs: number }): string => `${dev} ${ino} ${birthtimeMs}`
