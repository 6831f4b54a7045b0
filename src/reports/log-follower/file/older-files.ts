// Files that were the log before: found, read on for late writes, let go.
import { wallClock } from '../../../lib/clock.ts'
import { Generation, type Identity } from './generation.ts'
import type { StoredPrint } from './mark.ts'
import { findUnread } from './resume.ts'
import type { OpenFile } from './safe-open.ts'
import { siblings } from './siblings.ts'
import { findStart } from './start.ts'

/** A server keeps its file open until it is told. */
const MOST_OLDER = 3
/** A file that was deleted is let go once nothing was written to it for so long. */
const DELETED_QUIET_MS = 60_000
/** Files that are remembered after they were let go. */
const MOST_DONE = 16

export interface Unread {
  /** Milliseconds since the epoch: what came before was seen. */
  readonly sinceMs: number
  /** How those files begin whose copies are not wanted; asked once the rotated files are listed. */
  readonly heads: () => readonly StoredPrint[] | Promise<readonly StoredPrint[]>
  readonly known: readonly Identity[]
  /** Copies that were found are never looked at again. */
  readonly remember: boolean
}

export class OlderFiles {
  readonly #path: string
  readonly #since: () => number
  /** Oldest first. */
  list: Generation[] = []
  /** Names, as `remember` makes them, of what was read to its end and let go. */
  done: readonly string[] = []

  /** @param since seconds since the epoch: in a file whose position is not known, older lines are not read */
  constructor(path: string, since: () => number) {
    this.#path = path
    this.#since = since
  }

  /** Where to begin in a file whose position is not known. */
  startIn({ handle, stats }: OpenFile): Promise<number> {
    return findStart(handle, stats.size, this.#since(), wallClock())
  }

  /** Adds files that came and were rotated away between two looks. Resolves with how many. */
  async addUnread({ sinceMs, heads, known, remember }: Unread): Promise<number> {
    const mine = this.list.map(({ mark }) => mark)
    const rotated = (await siblings(this.#path)).filter(({ stats }) => !this.done.includes(nameOf(stats)))
    const { unread, copies } = await findUnread(rotated, sinceMs, [...mine, ...known], await heads())
    if (remember) for (const { stats } of copies) this.remember(stats)
    return this.#add(unread)
  }

  /** Of a log that was never followed before: adds what was rotated away lately and may have recent lines. */
  async addRecent(known: readonly Identity[]): Promise<void> {
    const recent = (await siblings(this.#path)).filter(({ stats }) => stats.mtimeMs >= this.#since() * 1000)
    await this.#add((await findUnread(recent.slice(-MOST_OLDER), 0, known, [])).unread)
  }

  async #add(files: readonly OpenFile[]): Promise<number> {
    for (const file of files)
      this.list.push(await Generation.at(file.handle, file.path, file.stats, await this.startIn(file)))
    return files.length
  }

  /** After all were read. */
  async letGo(): Promise<void> {
    const now = Date.now()
    const kept: Generation[] = []
    for (const [i, generation] of this.list.entries()) {
      const isExtra = i < this.list.length - MOST_OLDER
      const over = isExtra || generation.isCopy || (await isDeletedAndQuiet(generation, now))
      if (over) await this.close(generation)
      else kept.push(generation)
    }
    this.list = kept
  }

  /** What is let go is never begun again. */
  async close(generation: Generation): Promise<void> {
    this.remember(await generation.handle.stat())
    await generation.close()
  }

  remember(file: Named): void {
    this.done = [...this.done, nameOf(file)].slice(-MOST_DONE)
  }
}

type Named = Identity & { readonly birthtimeMs: number }
const nameOf = ({ dev, ino, birthtimeMs }: Named): string => `${dev} ${ino} ${birthtimeMs}`

const isDeletedAndQuiet = async (generation: Generation, now: number): Promise<boolean> =>
  generation.quietFor(now) > DELETED_QUIET_MS && (await generation.handle.stat()).nlink === 0
