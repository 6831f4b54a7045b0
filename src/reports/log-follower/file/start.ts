// Where to begin in a log that was never followed before.
import type { FileHandle } from 'node:fs/promises'
import { parseLine } from '../../../protocols/login-log/line.ts'

const BLOCK = 65_536
/** Blocks that are looked through for one line with a time. */
const LOOK = 32
/** Never more than this is read of what was there before. */
const MOST = 2 ** 30
/** Of a file without any time. */
const UNTIMED = 2 ** 20

/**
 * The offset of the first line that is not older than `since`, found by halving: a file of 10 GB is looked at in some
 * twenty places. Times are taken to ascend; a file without any is begun near its end.
 * @param since seconds since the epoch @param now the same; dates stamps without a year
 */
export async function findStart(handle: FileHandle, size: number, since: number, now: number): Promise<number> {
  const look = new Look(handle, now)
  let low = 0
  let high = size
  while (high - low > BLOCK) {
    const middle = Math.floor((low + high) / 2)
    const line = await look.timedLine(middle)
    if (line === undefined || line.at >= since) high = middle
    else low = line.begin
  }
  const first = await look.timedLine(low, since)
  if (look.seen === 0) return look.lineAfter(Math.max(0, size - UNTIMED))
  return Math.max(first?.begin ?? size, size > MOST ? await look.lineAfter(size - MOST) : 0)
}

class Look {
  readonly #handle: FileHandle
  readonly #now: number
  readonly #block = Buffer.alloc(2 * BLOCK)
  /** Lines with a time that were met. */
  seen = 0

  constructor(handle: FileHandle, now: number) {
    this.#handle = handle
    this.#now = now
  }

  /**
   * The first line that begins at or after `from` and has a time, not before `since`; undefined when there is none up to
   * the end of the file. Where it looked long enough it says that there may be one.
   */
  async timedLine(from: number, since = 0): Promise<{ at: number; begin: number } | undefined> {
    let at = await this.lineAfter(from)
    for (let blocks = 0; blocks < LOOK; blocks++) {
      const { bytesRead } = await this.#handle.read(this.#block, 0, this.#block.length, at)
      let begin = 0
      for (let end = this.#lf(0, bytesRead); end >= 0; end = this.#lf(begin, bytesRead)) {
        const time = parseLine(this.#block.toString('latin1', begin, Math.min(end, begin + 512)), this.#now)?.at
        if (time !== undefined) this.seen++
        if (time !== undefined && time >= since) return { at: time, begin: at + begin }
        begin = end + 1
      }
      if (bytesRead < this.#block.length) return undefined
      at = begin > 0 ? at + begin : await this.lineAfter(at + bytesRead)
    }
    return { at: Number.POSITIVE_INFINITY, begin: at }
  }

  /** Where the first line begins at or after `from`. */
  async lineAfter(from: number): Promise<number> {
    if (from === 0) return 0
    for (let at = from - 1; ; at += BLOCK) {
      const { bytesRead } = await this.#handle.read(this.#block, 0, BLOCK, at)
      const end = this.#lf(0, bytesRead)
      if (end >= 0) return at + end + 1
      if (bytesRead < BLOCK) return at + bytesRead
    }
  }

  #lf(from: number, length: number): number {
    const at = this.#block.indexOf(0x0a, from)
    return at < length ? at : -1
  }
}
