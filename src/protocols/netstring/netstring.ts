// Netstrings, cr.yp.to/proto/netstrings.txt: `12:hello world!,`. The length is decimal without leading zeros.
import { malformed } from '../../lib/errors.ts'

const ZERO = 0x30
const COLON = 0x3a
const COMMA = 0x2c
const EMPTY = Buffer.alloc(0)

/** The bytes as one netstring. */
export function encodeNetstring(bytes: Uint8Array): Buffer {
  const head = Buffer.from(`${bytes.length}:`, 'latin1')
  const out = Buffer.allocUnsafe(head.length + bytes.length + 1)
  out.set(head)
  out.set(bytes, head.length)
  out[out.length - 1] = COMMA
  return out
}

/**
 * Cuts a stream into netstrings. Between chunks it holds at most one that is not whole, `maxBytes` and its length, in a
 * copy of its own. Memory is taken for bytes that came, never for a length that was claimed.
 */
export class NetstringReader {
  readonly #maxBytes: number
  #held: Buffer = EMPTY

  /** @param maxBytes longest string that is accepted; a longer one is refused at its length */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** True while part of a netstring has come and its end has not. */
  get pending(): boolean {
    return this.#held.length > 0
  }

  /** Feeds one chunk; yields each whole string, a view. Throws `malformed`; the stream is out of step then: close it. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = EMPTY
    let at = 0
    while (at < bytes.length) {
      const colon = this.#colonAfter(bytes, at)
      const length = colon < 0 ? 0 : lengthOf(bytes, at, colon)
      const end = colon + 1 + length
      if (colon < 0 || end >= bytes.length) {
        this.#hold(bytes.subarray(at))
        return
      }
      if (bytes[end] !== COMMA) throw malformed('DRAC_NETSTRING', 'no comma after the string')
      at = end + 1
      yield bytes.subarray(colon + 1, end)
    }
  }

  /** Where the length ends, -1 when it has not ended yet. Throws at the first byte that cannot belong to a length within the limit. */
  #colonAfter(bytes: Uint8Array, start: number): number {
    let length = 0
    for (let at = start; at < bytes.length; at++) {
      const digit = bytes[at]! - ZERO
      if (bytes[at] === COLON && at > start) return at
      if (digit < 0 || digit > 9) throw malformed('DRAC_NETSTRING', 'no decimal length before a colon')
      if (at > start && length === 0) throw malformed('DRAC_NETSTRING', 'a length with leading zeros')
      length = length * 10 + digit
      if (length > this.#maxBytes) throw malformed('DRAC_NETSTRING_TOO_LONG', `over ${this.#maxBytes} bytes`)
    }
    return -1
  }

  #hold(rest: Uint8Array): void {
    this.#held = Buffer.allocUnsafeSlow(rest.length)
    this.#held.set(rest)
  }
}

function lengthOf(bytes: Uint8Array, start: number, colon: number): number {
  let length = 0
  for (let at = start; at < colon; at++) length = length * 10 + bytes[at]! - ZERO
  return length
}
