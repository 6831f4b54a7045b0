// Bytes of a log file in, its lines out.
const LF = 0x0a
const NOTHING = Buffer.alloc(0)
/** No line that is longer can have 8192 characters or fewer. */
const MAX_HELD = 3 * 8192

/**
 * Cuts chunks of a log into lines, in constant memory: of a line longer than 24 KiB nothing is kept, it comes out empty.
 * Lines are cut at LF before they are decoded, so no character of UTF-8 is torn; bytes that are none become U+FFFD.
 */
export class LogLines {
  #held: Buffer = NOTHING
  #skipping = false

  /** Calls `each` with every whole line, without its LF. */
  push(chunk: Buffer, each: (line: string) => void): void {
    this.pushRanges(chunk, (text, from, to) => each(text.slice(from, to)))
  }

  /** The same without a copy of each line: it is `text` from `from` up to `to`. */
  pushRanges(chunk: Buffer, each: (text: string, from: number, to: number) => void): void {
    let from = 0
    if (this.#skipping) {
      const end = chunk.indexOf(LF)
      if (end < 0) return
      this.#skipping = false
      each('', 0, 0)
      from = end + 1
    }
    const last = chunk.lastIndexOf(LF)
    if (last >= from && this.#held.length > 0) {
      const end = chunk.indexOf(LF, from)
      const line = Buffer.concat([this.#held, chunk.subarray(from, end)]).toString('utf8')
      this.#held = NOTHING
      each(line, 0, line.length)
      from = end + 1
    }
    if (last >= from) {
      const text = chunk.toString('utf8', from, last + 1)
      for (let at = 0, end = text.indexOf('\n'); end >= 0; at = end + 1, end = text.indexOf('\n', at))
        each(text, at, end)
    }
    this.#hold(chunk.subarray(Math.max(from, last + 1)))
  }

  /** The last line, which has no LF; undefined when there is none. */
  end(): string | undefined {
    const rest = this.#skipping ? '' : this.#held.toString('utf8')
    const none = !this.#skipping && this.#held.length === 0
    this.#held = NOTHING
    this.#skipping = false
    return none ? undefined : rest
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#skipping = this.#held.length + bytes.length > MAX_HELD
    this.#held = this.#skipping ? NOTHING : Buffer.concat([this.#held, bytes])
  }
}
