import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DracError } from '../../lib/errors.ts'
import { XdrReader, XdrWriter } from './xdr.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const line = readFileSync(new URL('../../../test/vectors/oncrpc.txt', import.meta.url), 'utf8')
  .split('\n')
  .find((text) => text.startsWith('xdr.items '))!
const ITEMS = hex(line.split(' ')[1]!)

const readItems = (r: XdrReader) => ({
  int: r.int(),
  uint: r.uint(),
  hyper: r.hyper(),
  uhyper: r.uhyper(),
  bool: r.bool(),
  fixed: [...r.opaqueFixed(5)],
  opaque: [...r.opaque(16)],
  string: r.string(16),
  array: r.array(8, (item) => item.int()),
  some: r.optional((item) => item.int()),
  none: r.optional((item) => item.int()),
  nothing: r.void(),
})
const VALUES: ReturnType<typeof readItems> = {
  int: -2,
  uint: 0xfffffffe,
  hyper: -2n,
  uhyper: 0xfedcba9876543210n,
  bool: true,
  fixed: [1, 2, 3, 4, 5],
  opaque: [1, 2, 3, 4, 5],
  string: 'drac',
  array: [1, -1, 7],
  some: 7,
  none: undefined,
  nothing: undefined,
}
const writeItems = (v: typeof VALUES): Uint8Array =>
  new XdrWriter(1)
    .int(v.int)
    .uint(v.uint)
    .hyper(v.hyper)
    .uhyper(v.uhyper)
    .bool(v.bool)
    .opaqueFixed(Uint8Array.from(v.fixed), 5)
    .opaque(Uint8Array.from(v.opaque), 16)
    .string(v.string, 16)
    .array(v.array, 8, (w, item) => w.int(item))
    .optional(v.some, (w, item) => w.int(item))
    .optional(v.none, (w, item) => w.int(item))
    .void()
    .bytes()

test('golden: one item of each kind, as libtirpc writes them', () => {
  expect(new XdrReader(ITEMS).whole(readItems)).toEqual(VALUES)
  expect(Uint8Array.from(writeItems(VALUES))).toEqual(ITEMS)
})

test('every truncation is malformed', () => {
  for (let n = 0; n < ITEMS.length; n++) {
    expect(() => readItems(new XdrReader(ITEMS.subarray(0, n))), `${n} bytes`).toThrow(
      expect.objectContaining({ kind: 'malformed' }),
    )
  }
})

test('random bytes are a value or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        new XdrReader(bytes).whole(readItems)
      } catch (error) {
        expect(error).toBeInstanceOf(DracError)
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
    { numRuns: 2000 },
  )
})

test('what is written is read again', () => {
  const items = fc.record({
    int: fc.integer(),
    uint: fc.nat(0xffffffff),
    hyper: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    uhyper: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    bool: fc.boolean(),
    fixed: fc.array(fc.nat(255), { minLength: 5, maxLength: 5 }),
    opaque: fc.array(fc.nat(255), { maxLength: 16 }),
    string: fc.array(fc.nat(255), { maxLength: 16 }).map((codes) => String.fromCharCode(...codes)),
    array: fc.array(fc.integer(), { maxLength: 8 }),
    some: fc.option(fc.integer(), { nil: undefined }),
    none: fc.constant(undefined),
    nothing: fc.constant(undefined),
  })
  fc.assert(
    fc.property(items, (values) => {
      expect(new XdrReader(writeItems(values)).whole(readItems)).toEqual(values)
    }),
    { numRuns: 500 },
  )
})

test('a list is read to its end and no further than its limit', () => {
  const bytes = new XdrWriter().list([1, 2, 3], 3, (w, item) => w.uint(item)).bytes()
  expect(new XdrReader(bytes).whole((r) => r.list(3, (item) => item.uint()))).toEqual([1, 2, 3])
  expect(() => new XdrReader(bytes).list(2, (item) => item.uint())).toThrow(/limit 2/)
})

test('unclean padding is understood, as libtirpc understands it, and is not sent on', () => {
  const reader = new XdrReader(hex('00000001 61ffffff'))
  expect(reader.string(4)).toBe('a')
  expect(reader.done).toBe(true)
  expect(new XdrWriter().string('a', 4).bytes().toString('hex')).toBe('0000000161000000')
})

describe('limits are tested before anything is read or made', () => {
  test.each([
    ['an opaque', '7fffffff', (r: XdrReader) => r.opaque(400), 'DRAC_XDR_TOO_LONG'],
    [
      'an opaque whose length is near 2^32',
      'fffffffd 00000000',
      (r: XdrReader) => r.opaque(0xffffffff),
      'DRAC_XDR_SHORT',
    ],
    ['a string', '00000011', (r: XdrReader) => r.string(16), 'DRAC_XDR_TOO_LONG'],
    ['an array', '00000011', (r: XdrReader) => r.array(16, (item) => item.int()), 'DRAC_XDR_TOO_LONG'],
    [
      'an array longer than the message',
      '00fffffe 00000001',
      (r: XdrReader) => r.array(2 ** 24, (i) => i.int()),
      'DRAC_XDR_SHORT',
    ],
    ['a bool of 2', '00000002', (r: XdrReader) => r.bool(), 'DRAC_XDR_BOOL'],
    ['an enum without that member', '00000002', (r: XdrReader) => r.enum([0, 1]), 'DRAC_XDR_ENUM'],
    ['bytes left over', '00000001 00', (r: XdrReader) => r.whole((item) => item.int()), 'DRAC_XDR_TRAILING'],
  ])('%s', (_, bytes, read, code) => {
    expect(() => read(new XdrReader(hex(bytes)))).toThrow(expect.objectContaining({ code, kind: 'malformed' }))
  })
})

test('an array longer than the message is refused before its first item', () => {
  let items = 0
  expect(() => new XdrReader(hex('00000002 00000001')).array(9, () => items++)).toThrow(/need 8 bytes/)
  expect(items).toBe(0)
})

describe('a value that its type cannot hold is not written', () => {
  test.each([
    ['int', (w: XdrWriter) => w.int(2 ** 31), 'DRAC_XDR_RANGE'],
    ['int with a fraction', (w: XdrWriter) => w.int(0.5), 'DRAC_XDR_RANGE'],
    ['unsigned int', (w: XdrWriter) => w.uint(-1), 'DRAC_XDR_RANGE'],
    ['hyper', (w: XdrWriter) => w.hyper(2n ** 63n), 'DRAC_XDR_RANGE'],
    ['unsigned hyper', (w: XdrWriter) => w.uhyper(-1n), 'DRAC_XDR_RANGE'],
    ['fixed opaque', (w: XdrWriter) => w.opaqueFixed(new Uint8Array(3), 4), 'DRAC_XDR_RANGE'],
    ['fixed array', (w: XdrWriter) => w.arrayFixed([1], 2, (i, v) => i.int(v)), 'DRAC_XDR_RANGE'],
    ['opaque', (w: XdrWriter) => w.opaque(new Uint8Array(5), 4), 'DRAC_XDR_TOO_LONG'],
    ['string', (w: XdrWriter) => w.string('five!', 4), 'DRAC_XDR_TOO_LONG'],
    ['string beyond Latin-1', (w: XdrWriter) => w.string('\u20ac', 4), 'DRAC_XDR_STRING'],
    ['array', (w: XdrWriter) => w.array([1, 2], 1, (i, v) => i.int(v)), 'DRAC_XDR_TOO_LONG'],
    ['list', (w: XdrWriter) => w.list([1, 2], 1, (i, v) => i.int(v)), 'DRAC_XDR_TOO_LONG'],
  ])('%s', (_, write, code) => {
    expect(() => write(new XdrWriter())).toThrow(expect.objectContaining({ code, kind: 'malformed' }))
  })
})
