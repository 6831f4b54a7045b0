// Lines of text protocols: tcp_table, readsocket, WHOSON.
import { malformed } from './errors.ts'

const LF = 0x0a
const CR = 0x0d
const EMPTY = Buffer.alloc(0)

/**
 * Cuts a stream into lines, which end in LF or CR LF. Between chunks it holds at most one line that is not whole, in a
 * copy of its own.
 */
export class LineReader {
  readonly #maxBytes: number
  #held: Buffer = EMPTY

  /** @param maxBytes longest line that is accepted, its end included */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** True while part of a line has come and its end has not. */
  get pending(): boolean {
    return this.#held.length > 0
  }

  /** Feeds one chunk; yields each whole line without its end, a view. Throws `malformed` at a line that is too long: close the stream then. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = EMPTY
    let at = 0
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
      this.#limit(end + 1 - at)
      const line = bytes.subarray(at, end > at && bytes[end - 1] === CR ? end - 1 : end)
      at = end + 1
      yield line
    }
    this.#limit(bytes.length - at + 1)
    if (at === bytes.length) return
    this.#held = Buffer.allocUnsafeSlow(bytes.length - at)
    this.#held.set(bytes.subarray(at))
  }

  #limit(bytes: number): void {
    if (bytes > this.#maxBytes) throw malformed('DRAC_LINE_TOO_LONG', `a line over ${this.#maxBytes} bytes`)
  }
}
