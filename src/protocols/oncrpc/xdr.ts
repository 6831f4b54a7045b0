// XDR, RFC 4506. Every item is a multiple of four bytes, big-endian; section numbers below are the RFC's.
import { malformed } from '../../lib/errors.ts'

const EMPTY = new Uint8Array(0)

/**
 * Cursor over one message. Opaques are views, never copies: the caller keeps `bytes` alive and unchanged.
 * Every method throws `malformed` rather than read past the end, and tests a limit before it reads or allocates.
 * Padding (sections 4.9 to 4.11) is skipped unread, as libtirpc does, so that a sender with an unclean buffer is
 * understood; XdrWriter always writes zeros.
 */
export class XdrReader {
  #offset = 0
  readonly #bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Section 4.1. */
  int(): number {
    return this.uint() | 0
  }

  /** Section 4.2. */
  uint(): number {
    const at = this.#take(4)
    const bytes = this.#bytes
    // Four byte reads: on a message this short they cost less than making a DataView.
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  }

  /** Section 4.3. @param members the numbers that the enum names */
  enum<T extends number>(members: readonly T[]): T {
    const value = this.int()
    if (!(members as readonly number[]).includes(value)) throw malformed('DRAC_XDR_ENUM', `no enum member is ${value}`)
    return value as T
  }

  /** Section 4.4: 0 or 1. */
  bool(): boolean {
    const value = this.uint()
    if (value > 1) throw malformed('DRAC_XDR_BOOL', `a bool of ${value}`)
    return value === 1
  }

  /** Section 4.5. */
  hyper(): bigint {
    return BigInt.asIntN(64, this.uhyper())
  }

  /** Section 4.5, unsigned. */
  uhyper(): bigint {
    const high = this.uint()
    return (BigInt(high) << 32n) | BigInt(this.uint())
  }

  /** Section 4.9, opaque of a length that both sides know. */
  opaqueFixed(length: number): Uint8Array {
    const at = this.#take(padded(length))
    return this.#bytes.subarray(at, at + length)
  }

  /** Section 4.10, opaque that brings its length. */
  opaque(maxBytes: number): Uint8Array {
    const length = this.#length(maxBytes, 'opaque')
    return length === 0 ? EMPTY : this.opaqueFixed(length)
  }

  /** Section 4.11. One character for each byte (Latin-1), so that every byte string is a text and comes out again. */
  string(maxBytes: number): string {
    const bytes = this.opaqueFixed(this.#length(maxBytes, 'string'))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  }

  /** Section 4.12, an array whose count both sides know. */
  arrayFixed<T>(count: number, item: (reader: XdrReader) => T): T[] {
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(item(this))
    return items
  }

  /** Section 4.13, an array that brings its count. `item` takes four bytes or more. */
  array<T>(maxItems: number, item: (reader: XdrReader) => T): T[] {
    const count = this.#length(maxItems, 'array')
    if (count * 4 > this.remaining) throw short(this.#offset, count * 4, this.remaining)
    return this.arrayFixed(count, item)
  }

  /** Section 4.16: void takes no bytes. */
  void(): void {}

  /** Section 4.19: a bool, then the item if there is one. */
  optional<T>(item: (reader: XdrReader) => T): T | undefined {
    return this.bool() ? item(this) : undefined
  }

  /** A list as RFC 1833 draws it: optional items, each followed by another, until there is none. */
  list<T>(maxItems: number, item: (reader: XdrReader) => T): T[] {
    const items: T[] = []
    while (this.bool()) {
      if (items.length === maxItems) throw tooLong('list', maxItems + 1, maxItems)
      items.push(item(this))
    }
    return items
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  /** True once every byte was read. */
  get done(): boolean {
    return this.#offset === this.#bytes.length
  }

  /** Throws `malformed` when bytes are left over. */
  end(): void {
    if (!this.done) throw malformed('DRAC_XDR_TRAILING', `${this.remaining} bytes left over`)
  }

  /** One item that must end where the message ends. */
  whole<T>(item: (reader: XdrReader) => T): T {
    const value = item(this)
    this.end()
    return value
  }

  /** What is left, unread, as a view. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#offset)
  }

  #length(max: number, what: string): number {
    const length = this.uint()
    if (length > max) throw tooLong(what, length, max)
    return length
  }

  #take(count: number): number {
    const at = this.#offset
    if (at + count > this.#bytes.length) throw short(at, count, this.#bytes.length - at)
    this.#offset = at + count
    return at
  }
}

/**
 * Writes what XdrReader reads, into a buffer that grows. Throws `malformed` for a value that its type cannot hold:
 * nothing is cut off or wrapped round in silence.
 */
export class XdrWriter {
  #buffer: Buffer
  #offset = 0
  /** @param sizeHint bytes to make room for at once */
  constructor(sizeHint = 128) {
    this.#buffer = Buffer.allocUnsafe(sizeHint)
  }

  int(value: number): this {
    if (value !== (value | 0)) throw outOfRange('int', value)
    return this.#word(value)
  }

  uint(value: number): this {
    if (value !== value >>> 0) throw outOfRange('unsigned int', value)
    return this.#word(value)
  }

  enum(value: number): this {
    return this.int(value)
  }

  bool(value: boolean): this {
    return this.#word(value ? 1 : 0)
  }

  hyper(value: bigint): this {
    if (value !== BigInt.asIntN(64, value)) throw outOfRange('hyper', value)
    return this.#doubleWord(BigInt.asUintN(64, value))
  }

  uhyper(value: bigint): this {
    if (value !== BigInt.asUintN(64, value)) throw outOfRange('unsigned hyper', value)
    return this.#doubleWord(value)
  }

  /** @param length what both sides know; `bytes` must be exactly as long */
  opaqueFixed(bytes: Uint8Array, length: number): this {
    if (bytes.length !== length) throw outOfRange(`opaque[${length}] of bytes`, bytes.length)
    const at = this.#make(padded(length))
    this.#buffer.set(bytes, at)
    this.#buffer.fill(0, at + length, this.#offset)
    return this
  }

  opaque(bytes: Uint8Array, maxBytes: number): this {
    if (bytes.length > maxBytes) throw tooLong('opaque', bytes.length, maxBytes)
    return this.uint(bytes.length).opaqueFixed(bytes, bytes.length)
  }

  /** Latin-1, one byte for each character; a character above U+00FF is `malformed`. */
  string(text: string, maxBytes: number): this {
    const bytes = Buffer.from(text, 'latin1')
    if (bytes.toString('latin1') !== text) throw malformed('DRAC_XDR_STRING', 'a character that is not one byte')
    return this.opaque(bytes, maxBytes)
  }

  arrayFixed<T>(items: readonly T[], count: number, item: (writer: XdrWriter, value: T) => unknown): this {
    if (items.length !== count) throw outOfRange(`array[${count}] of items`, items.length)
    for (const value of items) item(this, value)
    return this
  }

  array<T>(items: readonly T[], maxItems: number, item: (writer: XdrWriter, value: T) => unknown): this {
    if (items.length > maxItems) throw tooLong('array', items.length, maxItems)
    return this.uint(items.length).arrayFixed(items, items.length, item)
  }

  void(): this {
    return this
  }

  optional<T>(value: T | undefined, item: (writer: XdrWriter, value: T) => unknown): this {
    this.bool(value !== undefined)
    if (value !== undefined) item(this, value)
    return this
  }

  list<T>(items: readonly T[], maxItems: number, item: (writer: XdrWriter, value: T) => unknown): this {
    if (items.length > maxItems) throw tooLong('list', items.length, maxItems)
    for (const value of items) this.optional(value, item)
    return this.bool(false)
  }

  /** Bytes that are XDR already: the arguments or results of a message. */
  append(encoded: Uint8Array): this {
    const at = this.#make(encoded.length)
    this.#buffer.set(encoded, at)
    return this
  }

  /** What was written so far, as a view; nothing else will write to it once the writer is dropped. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#offset)
  }

  #word(value: number): this {
    const at = this.#make(4)
    this.#buffer[at] = value >>> 24
    this.#buffer[at + 1] = value >>> 16
    this.#buffer[at + 2] = value >>> 8
    this.#buffer[at + 3] = value
    return this
  }

  #doubleWord(value: bigint): this {
    return this.#word(Number(value >> 32n)).#word(Number(value & 0xffff_ffffn))
  }

  #make(count: number): number {
    const at = this.#offset
    this.#offset = at + count
    if (this.#offset > this.#buffer.length) {
      const bigger = Buffer.allocUnsafe(Math.max(this.#offset, this.#buffer.length * 2))
      bigger.set(this.#buffer.subarray(0, at))
      this.#buffer = bigger
    }
    return at
  }
}

const padded = (length: number): number => Math.ceil(length / 4) * 4

const short = (at: number, need: number, have: number) =>
  malformed('DRAC_XDR_SHORT', `need ${need} bytes at offset ${at}, have ${have}`)
const tooLong = (what: string, length: number, max: number) =>
  malformed('DRAC_XDR_TOO_LONG', `${what} of ${length}, limit ${max}`)
const outOfRange = (what: string, value: number | bigint) => malformed('DRAC_XDR_RANGE', `${what}: ${value}`)
