// Cyrus' list format (imap/dlist.c of its source, dlist_print and dlist_parse): what it says to "notifysocket: dlist:PATH".
// NIL, atom, "quoted", {LENGTH+} CRLF octets, (items), %(key item ...); one item with its key before it is one message.
import { malformed } from '../../lib/errors.ts'

/** Bytes of one message, its end included. An access event has about 450; user names and host names are what varies. */
export const MAX_MESSAGE_BYTES = 16_384
/** Lists inside lists. A notification has two. */
const MAX_DEPTH = 4

export interface DlistMap {
  readonly [key: string]: Dlist
}
/** `null` is NIL. Strings are bytes. */
export type Dlist = null | Uint8Array | readonly Dlist[] | DlistMap

export interface Message {
  readonly key: string
  readonly value: Dlist
}

const SPACE = 0x20
const QUOTE = 0x22
const PERCENT = 0x25
const OPEN = 0x28
const CLOSE = 0x29
const PLUS = 0x2b
const BACKSLASH = 0x5c
const BRACE = 0x7b
const CR = 0x0d
const LF = 0x0a

const wrong = (what: string): Error => malformed('DRAC_DLIST', what)
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export const isDlistMap = (value: Dlist | undefined): value is DlistMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

/** @param bytes one message without its CRLF. Throws `malformed`. Strings are views. */
export function decodeMessage(bytes: Uint8Array): Message {
  const cursor = new Cursor(bytes)
  const message = { key: cursor.key(), value: cursor.item(0) }
  cursor.end()
  return message
}

class Cursor {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw wrong('more after the last item')
  }

  key(): string {
    const key = this.#string()
    if (key === null) throw wrong('NIL for a key')
    this.#take(SPACE)
    return latin1(key)
  }

  item(depth: number): Dlist {
    const first = this.#bytes[this.#at]
    if (first !== OPEN && first !== PERCENT) return this.#string()
    if (depth === MAX_DEPTH) throw wrong(`lists in more than ${MAX_DEPTH} lists`)
    return first === OPEN ? this.#list(depth + 1) : this.#map(depth + 1)
  }

  #list(depth: number): Dlist[] {
    const items: Dlist[] = []
    this.#take(OPEN)
    while (this.#goesOn(items.length > 0)) items.push(this.item(depth))
    return items
  }

  /** A key that comes twice is an error: which of the two would count is nothing to guess. */
  #map(depth: number): DlistMap {
    const entries: Record<string, Dlist> = Object.create(null)
    let begun = false
    this.#take(PERCENT)
    this.#take(OPEN)
    for (; this.#goesOn(begun); begun = true) {
      const key = this.key()
      if (key in entries) throw wrong('a key given twice')
      entries[key] = this.item(depth)
    }
    return entries
  }

  /** Whether another item follows; takes the space before it, or the end of the list. */
  #goesOn(begun: boolean): boolean {
    if (this.#bytes[this.#at] === CLOSE) {
      this.#at++
      return false
    }
    if (begun) this.#take(SPACE)
    return true
  }

  #string(): Uint8Array | null {
    const first = this.#bytes[this.#at]
    if (first === QUOTE) return this.#quoted()
    if (first === BRACE) return this.#literal()
    return this.#atom()
  }

  #atom(): Uint8Array | null {
    const start = this.#at
    while (this.#at < this.#bytes.length && isAtomByte(this.#bytes[this.#at]!)) this.#at++
    if (this.#at === start) throw wrong('no item where one should be')
    const atom = this.#bytes.subarray(start, this.#at)
    return latin1(atom) === 'NIL' ? null : atom
  }

  /** A backslash takes away the meaning of any byte after it. */
  #quoted(): Uint8Array {
    const octets: number[] = []
    for (this.#at++; this.#at < this.#bytes.length; this.#at++) {
      let byte = this.#bytes[this.#at]!
      if (byte === QUOTE) {
        this.#at++
        return Uint8Array.from(octets)
      }
      if (byte === BACKSLASH) byte = this.#bytes[++this.#at] ?? CR
      if (byte === CR || byte === LF) break
      octets.push(byte)
    }
    throw wrong('a quoted string without its end')
  }

  #literal(): Uint8Array {
    const head = literalHead(this.#bytes, this.#at)
    if (head === undefined || head.end + head.length > this.#bytes.length) throw wrong('a literal without its end')
    this.#at = head.end + head.length
    return this.#bytes.subarray(head.end, this.#at)
  }

  #take(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw wrong(`no "${String.fromCharCode(byte)}" where it should be`)
    this.#at++
  }
}

/** RFC 3501 section 9, atom, and the backslash of flags. */
const isAtomByte = (byte: number): boolean =>
  byte > SPACE && byte < 0x7f && byte !== OPEN && byte !== CLOSE && byte !== BRACE && byte !== QUOTE && byte !== PERCENT

/** `{LENGTH+}` CRLF; undefined while it is not whole. Throws for anything else: `{LENGTH}` would wait for our word. */
function literalHead(bytes: Uint8Array, start: number): { length: number; end: number } | undefined {
  let at = start + 1
  let length = 0
  for (; at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) {
    length = length * 10 + bytes[at]! - 0x30
    if (length > MAX_MESSAGE_BYTES) throw tooLong()
  }
  if (at < bytes.length && at === start + 1) throw wrong('a literal without a length')
  for (const byte of [PLUS, 0x7d, CR, LF]) {
    if (at === bytes.length) return undefined
    if (bytes[at++] !== byte) throw wrong('a literal that does not begin with {LENGTH+}')
  }
  return { length, end: at }
}

const tooLong = (): Error => malformed('DRAC_DLIST_TOO_LONG', `a message over ${MAX_MESSAGE_BYTES} bytes`)

/**
 * Cuts a stream into messages, each up to the CRLF that is not inside a string. Between chunks it holds at most one that is
 * not whole, in a copy of its own.
 */
export class MessageReader {
  #held: Buffer = Buffer.alloc(0)
  /** How far it was looked at, from the beginning of what is held: never inside a string that is not whole. */
  #seen = 0

  /** True while part of a message has come and its end has not. */
  get pending(): boolean {
    return this.#held.length > 0
  }

  /** Feeds one chunk; yields each whole message without its CRLF, a view. Throws `malformed`; close the stream then. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let bytes = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk])
    for (let end = this.#findEnd(bytes); end !== undefined; end = this.#findEnd(bytes)) {
      const message = bytes.subarray(0, end - 2)
      bytes = bytes.subarray(end)
      this.#held = bytes
      this.#seen = 0
      yield message
    }
    if (bytes.length >= MAX_MESSAGE_BYTES) throw tooLong()
    this.#held = bytes
  }

  /** The place after the CRLF; undefined while it has not come. */
  #findEnd(bytes: Uint8Array): number | undefined {
    while (this.#seen < bytes.length) {
      const next = skip(bytes, this.#seen)
      if (next === undefined || next > MAX_MESSAGE_BYTES) break
      const ended = bytes[this.#seen] === CR
      this.#seen = next
      if (ended) return next
    }
    if (this.#seen >= MAX_MESSAGE_BYTES) throw tooLong()
    return undefined
  }
}

/** The place after the string, the CRLF or the byte at `at`; undefined while it is not whole. */
function skip(bytes: Uint8Array, at: number): number | undefined {
  const byte = bytes[at]
  if (byte === QUOTE) return afterQuoted(bytes, at)
  if (byte === LF) throw wrong('LF without CR')
  if (byte === CR) {
    if (at + 1 === bytes.length) return undefined
    if (bytes[at + 1] !== LF) throw wrong('CR without LF')
    return at + 2
  }
  if (byte !== BRACE) return at + 1
  const head = literalHead(bytes, at)
  if (head === undefined) return undefined
  const end = head.end + head.length
  if (end > MAX_MESSAGE_BYTES) throw tooLong()
  return end <= bytes.length ? end : undefined
}

function afterQuoted(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at + 1
    if (bytes[at] === BACKSLASH) at++
    if (bytes[at] === CR || bytes[at] === LF) throw wrong('a line break in a quoted string')
  }
  return undefined
}

/** With its CRLF, as Cyrus prints it: an atom where it can be one, else quoted, else a literal. */
export const encodeMessage = ({ key, value }: Message): Buffer =>
  Buffer.concat([encode(Buffer.from(key, 'latin1')), Buffer.from(' '), encode(value), Buffer.from('\r\n')])

function encode(value: Dlist): Buffer {
  if (value === null) return Buffer.from('NIL')
  if (value instanceof Uint8Array) return encodeString(latin1(value))
  if (!isDlistMap(value)) return list('(', value.map(encode))
  const entries = Object.entries(value).flatMap(([key, item]) => [encode(Buffer.from(key, 'latin1')), encode(item)])
  return list('%(', entries)
}

const list = (open: string, items: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from(open),
    ...items.flatMap((item, i) => (i === 0 ? [item] : [Buffer.from(' '), item])),
    Buffer.from(')'),
  ])

function encodeString(text: string): Buffer {
  if (/^[^\0- "%(){*\\\x7f-\xff\]]+$/.test(text) && text !== 'NIL') return Buffer.from(text, 'latin1')
  if (/^[^\0\r\n"%\\\x80-\xff]*$/.test(text)) return Buffer.from(`"${text}"`, 'latin1')
  return Buffer.from(`{${text.length}+}\r\n${text}`, 'latin1')
}
