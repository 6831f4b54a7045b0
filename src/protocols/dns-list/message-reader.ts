// DNS over streams, RFC 1035 section 4.2.2: each message after its length in two bytes.
import { malformed } from '../../lib/errors.ts'
import { HEADER_BYTES, MAX_QUERY_BYTES } from './query.ts'

const LENGTH_BYTES = 2
const EMPTY = Buffer.alloc(0)

/** The message with its length before it. */
export function frame(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(LENGTH_BYTES + message.length)
  out.writeUInt16BE(message.length)
  out.set(message, LENGTH_BYTES)
  return out
}

/** Cuts a stream into messages. Between chunks it holds at most one that is not whole, in a copy of its own. */
export class MessageReader {
  #held: Buffer = EMPTY

  get pending(): boolean {
    return this.#held.length > 0
  }

  /** Feeds one chunk; yields each whole message, a view. Throws `malformed` at a length that no query has: close the stream then. */
  *push(chunk: Uint8Array): Generator<Buffer> {
    const bytes = Buffer.concat([this.#held, chunk])
    this.#held = EMPTY
    let at = 0
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt16BE(at)
      if (length < HEADER_BYTES || length > MAX_QUERY_BYTES) throw malformed('DRAC_DNS', `a query of ${length} bytes`)
      if (bytes.length - at - LENGTH_BYTES < length) break
      const message = bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length)
      at += LENGTH_BYTES + length
      yield message
    }
    if (at === bytes.length) return
    this.#held = Buffer.allocUnsafeSlow(bytes.length - at)
    this.#held.set(bytes.subarray(at))
  }
}
