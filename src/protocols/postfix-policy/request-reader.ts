// Where a policy request ends in the stream: at its empty line.
import { malformed } from '../../lib/errors.ts'

/** Postfix's own requests have some 600 bytes; only addresses and a TLS certificate's names can be long. */
export const MAX_REQUEST_BYTES = 16 << 10

const END = Buffer.from('\n\n')
const EMPTY = Buffer.alloc(0)

/** Cuts a stream into requests. Between chunks it holds at most one that is not whole, in a copy of its own. */
export class RequestReader {
  readonly #maxBytes: number
  #held: Buffer = EMPTY

  constructor(maxBytes: number = MAX_REQUEST_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** True while part of a request has come and its end has not. */
  get pending(): boolean {
    return this.#held.length > 0
  }

  /** Feeds one chunk; yields each whole request, a view, its empty line included. Throws `malformed` at one that is too long: close the stream then. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    const bytes = Buffer.concat([this.#held, chunk])
    // An end may lie across the two.
    let from = Math.max(0, this.#held.length - 1)
    this.#held = EMPTY
    let at = 0
    for (let end = bytes.indexOf(END, from); end >= 0; end = bytes.indexOf(END, from)) {
      const next = end + END.length
      this.#limit(next - at)
      const request = bytes.subarray(at, next)
      at = next
      from = next
      yield request
    }
    this.#limit(bytes.length - at)
    if (at === bytes.length) return
    this.#held = Buffer.allocUnsafeSlow(bytes.length - at)
    this.#held.set(bytes.subarray(at))
  }

  #limit(bytes: number): void {
    if (bytes > this.#maxBytes) throw malformed('DRAC_POLICY_TOO_LONG', `a policy request over ${this.#maxBytes} bytes`)
  }
}
