// Bytes of a log file in, its lines out.
const LF = 0x0a
/** No line that is longer can have 8192 characters or fewer. */
const MAX_HELD = 3 * 8192

/**
 * Cuts chunks of a log into lines, in constant memory: of a line longer than 24 KiB nothing is kept, it comes out empty.
 * Lines are cut at LF before they are decoded, so no character of UTF-8 is torn; bytes that are none become U+FFFD.
 */
export class LogLines {
  #held: Buffer = Buffer.alloc(0)
  #skipping = false

  /** Calls `each` with every whole line, without its LF. */
  push(chunk: Buffer, each: (line: string) => void): void {
    let from = 0
    if (this.#skipping) {
      const end = chunk.indexOf(LF)
      if (end < 0) return
      this.#skipping = false
      each('')
      from = end + 1
    }
    const last = chunk.lastIndexOf(LF)
    if (last < from) {
      this.#hold(chunk.subarray(from))
      return
    }
    const bytes = chunk.subarray(from, last + 1)
    const text = (this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])).toString('utf8')
    this.#held = Buffer.alloc(0)
    for (let at = 0, end = text.indexOf('\n'); end >= 0; at = end + 1, end = text.indexOf('\n', at))
      each(text.slice(at, end))
    this.#hold(chunk.subarray(last + 1))
  }

  /** The last line, which has no LF; undefined when there is none. */
  end(): string | undefined {
    const rest = this.#skipping ? '' : this.#held.toString('utf8')
    const none = !this.#skipping && this.#held.length === 0
    this.#held = Buffer.alloc(0)
    this.#skipping = false
    return none ? undefined : rest
  }

  #hold(bytes: Buffer): void {
    this.#skipping = this.#held.length + bytes.length > MAX_HELD
    this.#held = this.#skipping ? Buffer.alloc(0) : Buffer.concat([this.#held, bytes])
  }
}
