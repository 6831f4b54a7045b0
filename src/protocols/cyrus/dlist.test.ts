import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Dlist, decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, type Message, MessageReader } from './dlist.ts'

const { notifications } = JSON.parse(readFileSync('test/vectors/cyrus.json', 'utf8')) as {
  notifications: { wire: string }[]
}
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const latin1 = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1')
/** Every chunk of `size` bytes, in turn. */
function read(wire: string, size = wire.length, reader = new MessageReader()): string[] {
  const got: string[] = []
  for (let at = 0; at < wire.length; at += size) {
    for (const message of reader.push(bytes(wire.slice(at, at + size)))) got.push(latin1(message))
  }
  return got
}
const malformed = expect.objectContaining({ kind: 'malformed' })

test.each(notifications)('golden, both directions: $wire', ({ wire }) => {
  expect(encodeMessage(decodeMessage(bytes(wire.slice(0, -2)))).toString('latin1')).toBe(wire)
})

test('the forms of a string: atom, NIL, quoted, literal', () => {
  const text = 'K %(A x N NIL E "" Q "a \\"b\\\\ \\x" L {7+}\r\n"\r\n) {9 S () T (a "b c" (NIL)))'
  const { key, value } = decodeMessage(bytes(text))
  expect(key).toBe('K')
  const { A, N, E, Q, L, S, T } = value as Record<string, Dlist>
  expect([A, E, Q, L].map((each) => latin1(each as Uint8Array))).toEqual(['x', '', 'a "b\\ x', '"\r\n) {9'])
  expect([N, S]).toEqual([null, []])
  expect(plain({ key: 'T', value: T! })).toEqual({ key: 'T', value: ['a', 'b c', [null]] })
})

test('every truncation waits for the rest', () => {
  const wire = notifications[0]!.wire
  for (let n = 1; n < wire.length; n++) {
    const reader = new MessageReader()
    expect(read(wire.slice(0, n), n, reader)).toEqual([])
    expect(reader.pending).toBe(true)
    expect(read(wire.slice(n), wire.length, reader)).toEqual([wire.slice(0, -2)])
    expect(reader.pending).toBe(false)
    if (n < wire.length - 2) expect(() => decodeMessage(bytes(wire.slice(0, n)))).toThrow(malformed)
  }
})

test('property: any chunking of several messages', () => {
  const wire = `${notifications.map((each) => each.wire).join('')}X "a\\"\\\\ {9+}" \r\n`
  const whole = read(wire)
  expect(whole).toHaveLength(notifications.length + 1)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (size) => {
      expect(read(wire, size)).toEqual(whole)
    }),
  )
})

test.each([
  ['a literal that waits for our word', 'A {3}\r\nabc\r\n'],
  ['a literal without a length', 'A {+}\r\n\r\n'],
  ['a literal that is cut by its line', 'A {3+}abc\r\n'],
  ['a negative literal', 'A {-3+}\r\nabc\r\n'],
  ['a literal over the limit', `A {${MAX_MESSAGE_BYTES}+}\r\n`],
  ['a literal of 10^30 bytes', `A {1${'0'.repeat(30)}+}\r\n`],
  ['a bare LF', 'A x\nB'],
  ['a bare CR', 'A x\rB'],
  ['a line break in a quoted string', 'A "x\r\ny"\r\n'],
  ['an escaped line break in a quoted string', 'A "x\\\r\ny"\r\n'],
  ['a message without end', `A ${'x'.repeat(MAX_MESSAGE_BYTES)}`],
  ['a string without end', `A "${'x'.repeat(MAX_MESSAGE_BYTES)}`],
])('the reader refuses %s, in any chunking', (_, wire) => {
  for (const size of wire.length > 1000 ? [999, wire.length] : [1, 7, wire.length])
    expect(() => read(wire, size)).toThrow(malformed)
})

test.each([
  '',
  'A',
  'A ',
  'NIL x',
  'A x ',
  'A x y',
  'A  x',
  'A %x',
  'A %{x 1}',
  'A (',
  'A (x',
  'A (x y',
  'A (x  y)',
  'A ( x)',
  'A (x))',
  'A %(x)',
  'A %(x y',
  'A %(x y x z)',
  'A %(NIL y)',
  'A "x',
  'A "x\\',
  'A \xe9',
  'A {2+}\r\nx',
  'A ((((()))))',
])('%j is no message', (text) => {
  expect(() => decodeMessage(bytes(text))).toThrow(malformed)
})

test('property: any bytes are messages, a wait, or malformed; nothing else is thrown', () => {
  const noise = fc
    .array(fc.constantFrom('NOTIFY ', '%(', '(', ')', ' ', '"', '\\', '{3+}\r\n', 'NIL', '\r\n', 'x', '\0', '\xff'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (text) => {
      try {
        for (const message of new MessageReader().push(bytes(text))) decodeMessage(message)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
    { numRuns: 5_000 },
  )
})

test('property: what is printed is read back as it was', () => {
  const string = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string().map((text) => Uint8Array.from(bytes(text))),
  )
  const { value } = fc.letrec<{ value: Dlist }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      fc.constant(null),
      string,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), tie('value'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(value, (each) => {
      const wire = encodeMessage({ key: 'NOTIFY', value: each })
      const [message, ...more] = [...new MessageReader().push(wire)]
      expect(more).toEqual([])
      expect(plain(decodeMessage(message!))).toEqual(plain({ key: 'NOTIFY', value: each }))
    }),
  )
})

/** The same with strings as text, to be compared. */
const plain = (message: Message): unknown =>
  JSON.parse(
    JSON.stringify(message, (_, value) =>
      value?.type === 'Buffer' || value instanceof Uint8Array ? latin1(Buffer.from(value)) : value,
    ),
  )
