// TCP record marking, RFC 5531 section 11: before each fragment a word, its length and in the top bit "the last one".
import { malformed } from '../../lib/errors.ts'

const LAST_FRAGMENT = 0x8000_0000
const EMPTY = Buffer.alloc(0)
export const MAX_RECORD_BYTES = 4096
/** Empty fragments count: they add no bytes, so the byte limit alone would never stop them. */
export const MAX_FRAGMENTS = 16

export interface RecordLimits {
  /** Bytes in all fragments of one record, 4 KiB when left out. */
  readonly maxBytes?: number
  /** Fragments of one record, empty ones counted, 16 when left out. */
  readonly maxFragments?: number
}

/**
 * Joins fragments into records. Between chunks it holds at most `maxBytes` and one marker, in a copy of its own: no
 * chunk is kept alive. Memory is taken for bytes that came, never for a length that was claimed.
 */
export class RecordReader {
  readonly #maxBytes: number
  readonly #maxFragments: number
  #marker = 0
  #markerBytes = 0
  /** Bytes of the current fragment that are still to come. */
  #missing = 0
  #fragments = 0
  /** The sum of the lengths of the fragments announced so far. */
  #recordBytes = 0
  #held: Buffer = EMPTY
  #heldBytes = 0

  constructor({ maxBytes = MAX_RECORD_BYTES, maxFragments = MAX_FRAGMENTS }: RecordLimits = {}) {
    this.#maxBytes = maxBytes
    this.#maxFragments = maxFragments
  }

  /** True while part of a record has come and its end has not: the time to run a deadline. */
  get pending(): boolean {
    return this.#markerBytes > 0 || this.#fragments > 0
  }

  /**
   * Feeds one chunk; yields each complete record, perhaps a view into `chunk`. Take all of them. Throws `malformed` at the marker that breaks a limit; the stream is out of step then: close it.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0
    while (at < chunk.length) {
      if (this.#missing === 0) {
        at = this.#readMarker(chunk, at)
        if (this.#markerBytes < 4) return
        this.#startFragment()
      }
      const end = Math.min(at + this.#missing, chunk.length)
      const piece = chunk.subarray(at, end)
      this.#missing -= end - at
      at = end
      if (this.#missing > 0 || (this.#marker & LAST_FRAGMENT) === 0) {
        this.#hold(piece)
        if (this.#missing === 0) this.#markerBytes = 0
      } else yield this.#finish(piece)
    }
  }

  #readMarker(chunk: Uint8Array, start: number): number {
    let at = start
    while (this.#markerBytes < 4 && at < chunk.length) {
      this.#marker = ((this.#marker << 8) | chunk[at++]!) >>> 0
      this.#markerBytes++
    }
    return at
  }

  #startFragment(): void {
    const length = this.#marker & ~LAST_FRAGMENT
    if (this.#recordBytes + length > this.#maxBytes) {
      throw malformed('DRAC_RPC_RECORD_TOO_LONG', `record over ${this.#maxBytes} bytes`)
    }
    if (++this.#fragments > this.#maxFragments) {
      throw malformed('DRAC_RPC_FRAGMENTS', `record in over ${this.#maxFragments} fragments`)
    }
    this.#recordBytes += length
    this.#missing = length
  }

  #hold(piece: Uint8Array): void {
    const bytes = this.#heldBytes + piece.length
    if (bytes > this.#held.length) {
      const bigger = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(bytes, this.#held.length * 2)))
      bigger.set(this.#held.subarray(0, this.#heldBytes))
      this.#held = bigger
    }
    this.#held.set(piece, this.#heldBytes)
    this.#heldBytes = bytes
  }

  #finish(piece: Uint8Array): Uint8Array {
    let record = piece
    if (this.#heldBytes > 0) {
      this.#hold(piece)
      record = this.#held.subarray(0, this.#heldBytes)
      this.#held = EMPTY
    }
    this.#heldBytes = this.#recordBytes = this.#fragments = this.#markerBytes = this.#marker = 0
    return record
  }
}

/** One message as one record of one fragment, in a fresh buffer. */
export function encodeRecord(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(4 + message.length)
  out.writeUInt32BE((LAST_FRAGMENT | message.length) >>> 0, 0)
  out.set(message, 4)
  return out
}
