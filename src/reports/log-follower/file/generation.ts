// One file that is, or was, the log: open from before it was renamed until nothing more is written to it.
import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type Cut, cutLines, MAX_LINE } from './cut-lines.ts'
import { type Mark, PRINT } from './mark.ts'

/** Bytes read at once: more than the longest line. */
const WINDOW = 4 * MAX_LINE
const NOTHING = Buffer.alloc(0)
const LF = 0x0a

export type Identity = Pick<Stats, 'dev' | 'ino'>
export const sameFile = (a: Identity, b: Identity): boolean => a.ino === b.ino && a.dev === b.dev

export class Generation {
  readonly handle: FileHandle
  /** A copy that was made before the log was cut: nothing more is written to it. */
  readonly isCopy: boolean
  #mark: Mark
  /** Its state before the last read that found nothing new. */
  #seen: { readonly size: number; readonly mtimeMs: number } | undefined
  /** Milliseconds since the epoch when something was read last, or it was opened. */
  #activeMs = Date.now()

  constructor(handle: FileHandle, mark: Mark, isCopy = false) {
    this.handle = handle
    this.#mark = mark
    this.isCopy = isCopy
  }

  /** From an offset on; amid a line, from the next one on. */
  static async at(handle: FileHandle, file: string, { dev, ino }: Identity, offset: number): Promise<Generation> {
    const print = await bytesAt(handle, Math.max(0, offset - PRINT), Math.min(PRINT, offset))
    const head = await bytesAt(handle, 0, Math.min(PRINT, offset))
    const skip = offset > 0 && print.at(-1) !== LF
    return new Generation(handle, { file, dev, ino, offset, skip, print, head })
  }

  get mark(): Mark {
    return this.#mark
  }

  is(identity: Identity): boolean {
    return sameFile(this.#mark, identity)
  }

  quietFor(nowMs: number): number {
    return nowMs - this.#activeMs
  }

  /** Nothing has happened to it since it was read to its end. */
  isAsSeen({ size, mtimeMs }: Stats): boolean {
    return this.#seen?.size === size && this.#seen.mtimeMs === mtimeMs
  }

  sawEnd({ size, mtimeMs }: Stats): void {
    this.#seen = { size, mtimeMs }
  }

  /**
   * The next whole lines; undefined when there are none. `cut`: the bytes before the offset are not what they were, so
   * the file was truncated, and maybe written to again; `restart` then begins anew.
   * @param buffer of at least `BUFFER` bytes
   */
  async read(buffer: Buffer): Promise<Cut | 'cut' | undefined> {
    const { offset, print, skip } = this.#mark
    const { bytesRead } = await this.handle.read(buffer, 0, print.length + WINDOW, offset - print.length)
    if (bytesRead < print.length || print.compare(buffer, 0, print.length) !== 0) return 'cut'
    const data = buffer.subarray(print.length, bytesRead)
    const cut = cutLines(data, skip)
    if (cut.bytes === 0) return undefined
    this.#advance(buffer, data, cut)
    return cut
  }

  #advance(buffer: Buffer, data: Buffer, { bytes, skip }: Cut): void {
    const mark = this.#mark
    const end = mark.print.length + bytes
    const more = PRINT - mark.head.length
    const head =
      mark.head.length === mark.offset && more > 0
        ? Buffer.concat([mark.head, data.subarray(0, Math.min(more, bytes))])
        : mark.head
    const print = Buffer.from(buffer.subarray(Math.max(0, end - PRINT), end))
    this.#mark = { ...mark, offset: mark.offset + bytes, skip, print, head }
    this.#activeMs = Date.now()
  }

  /** From the beginning again. */
  restart(): void {
    this.#mark = { ...this.#mark, offset: 0, skip: false, print: NOTHING, head: NOTHING }
    this.#seen = undefined
  }

  /** Whole lines before the offset, at most one window of them. */
  async linesBefore(buffer: Buffer): Promise<readonly string[]> {
    const from = Math.max(0, this.#mark.offset - MAX_LINE)
    const { bytesRead } = await this.handle.read(buffer, 0, this.#mark.offset - from, from)
    return cutLines(buffer.subarray(0, bytesRead), from > 0).lines
  }

  close(): Promise<void> {
    return this.handle.close()
  }
}

export const BUFFER = PRINT + WINDOW

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await handle.read(bytes, 0, length, at)
  return bytes.subarray(0, bytesRead)
}
