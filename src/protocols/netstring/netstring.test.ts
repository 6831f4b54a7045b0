import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeNetstring, NetstringReader } from './netstring.ts'

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const read = (wire: string, reader = new NetstringReader(64)): string[] =>
  [...reader.push(Buffer.from(wire, 'latin1'))].map(latin1)

test.each([
  ['', '0:,'],
  ['hello world!', '12:hello world!,'],
  ['drac 192.0.2.5', '14:drac 192.0.2.5,'],
  ['OK OK', '5:OK OK,'],
  [',', '1:,,'],
])('golden: %j is %j', (text, wire) => {
  expect(latin1(encodeNetstring(Buffer.from(text)))).toBe(wire)
  expect(read(wire)).toEqual([text])
})

test('every truncation waits for the rest, and holds no more than it got', () => {
  const wire = '12:hello world!,'
  for (let n = 1; n < wire.length; n++) {
    const reader = new NetstringReader(64)
    expect(read(wire.slice(0, n), reader)).toEqual([])
    expect(reader.pending).toBe(true)
    expect(read(wire.slice(n), reader)).toEqual(['hello world!'])
    expect(reader.pending).toBe(false)
  }
})

test('property: any strings in any chunking come out as they went in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 64 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 40 }),
      (strings, size) => {
        const wire = Buffer.concat(strings.map(encodeNetstring))
        const reader = new NetstringReader(64)
        const got: string[] = []
        for (let at = 0; at < wire.length; at += size) {
          for (const bytes of reader.push(wire.subarray(at, at + size))) got.push(latin1(bytes))
        }
        expect(got).toEqual(strings.map(latin1))
        expect(reader.pending).toBe(false)
      },
    ),
  )
})

test.each([
  ['x', 'DRAC_NETSTRING'],
  [':,', 'DRAC_NETSTRING'],
  [' 1:x,', 'DRAC_NETSTRING'],
  ['-1:x,', 'DRAC_NETSTRING'],
  ['01:x,', 'DRAC_NETSTRING'],
  ['00:,', 'DRAC_NETSTRING'],
  ['1x:', 'DRAC_NETSTRING'],
  ['1:xy', 'DRAC_NETSTRING'],
  ['3:a,b', undefined],
  ['65', 'DRAC_NETSTRING_TOO_LONG'],
  ['99999999999999999999', 'DRAC_NETSTRING_TOO_LONG'],
  ['GET / HTTP/1.1', 'DRAC_NETSTRING'],
])('%j is refused as soon as it can be (%s)', (wire, code) => {
  if (code === undefined) expect(read(wire)).toEqual([])
  else expect(() => read(wire)).toThrow(expect.objectContaining({ code, kind: 'malformed' }))
})

test('property: any bytes are strings, a wait, or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        for (const string of new NetstringReader(64).push(bytes)) expect(string.length).toBeLessThanOrEqual(64)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
    { numRuns: 5_000 },
  )
})
