import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeHash, fnvHash } from './hash.ts'
import { HashReader } from './hash-reader.ts'
import { packPairs } from './packed-pairs.ts'
import { maxItemBytes, PageType } from './page.ts'

const numbered = (n: number): string[] => Array.from({ length: n }, (_, i) => `192.0.2.${i}`)
const build = (keys: readonly string[], values: readonly string[] | string, pageSize = 4096): Buffer =>
  encodeHash(packPairs(keys.map((key, i) => [key, typeof values === 'string' ? values : values[i]!])), { pageSize })
const keyArbitrary = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
/** Keys that begin with one another: where the order in a page matters. */
const prefixArbitrary = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 })
const pairsArbitrary = fc
  .uniqueArray(fc.oneof(keyArbitrary, prefixArbitrary), { maxLength: 400 })
  .map((keys) => keys.map((key, i) => [key, `${i}`] as const))

describe('the layout', () => {
  // db5.3_load -T -t hash, the file id and the unused middle of pages apart.
  const THREE = [
    ['192.0.2.5', '1999999999'],
    ['192.0.2.50', '1999999998'],
    ['192.0.2.6', '1999999997'],
  ] as const
  const META = '000000000100000000000000611506000900000000100000000800000000000002000000'
  const HASH_META = '0100000001000000000000000000000003000000d18d685e0100000001000000'
  const PAGE_1 = '00000000010000000100000000000000000000000200eb0f000df60feb0f'
  const PAGE_2 = '00000000010000000200000000000000000000000400d50f000df50fea0fe00fd50f'
  const ITEMS_1 = '0131393939393939393937013139322e302e322e36'
  const ITEMS_2 = '0131393939393939393939013139322e302e322e350131393939393939393938013139322e302e322e3530'

  test.each([0, 1, 2])('three entries are as db5.3_load writes them, from any order (%i)', (turn) => {
    const file = encodeHash(packPairs([...THREE.slice(turn), ...THREE.slice(0, turn)]))
    expect(file.length).toBe(3 * 4096)
    expect(file.subarray(0, 52).toString('hex')).toBe(META.padEnd(104, '0'))
    expect(file.subarray(72, 4096).toString('hex')).toBe(HASH_META.padEnd(2 * (4096 - 72), '0'))
    const [first, second] = [file.subarray(4096, 8192), file.subarray(8192)]
    expect(first.subarray(0, 30).toString('hex')).toBe(PAGE_1)
    expect(first.subarray(0x0feb).toString('hex')).toBe(ITEMS_1)
    expect(second.subarray(0, 34).toString('hex')).toBe(PAGE_2)
    expect(second.subarray(0x0fd5).toString('hex')).toBe(ITEMS_2)
  })

  test('the hash function is the one that Berkeley DB checks for', () => {
    expect(fnvHash(Buffer.from('%$sniglet^&\0'))).toBe(0x5e688dd1)
    expect(fnvHash(Buffer.alloc(0))).toBe(0)
  })

  test('an empty map is a metadata page and two empty buckets', () => {
    const file = build([], 'OK')
    expect([file.length, file.readUInt32LE(72), file.readUInt32LE(88)]).toEqual([3 * 4096, 1, 0])
    for (const at of [4096, 8192]) {
      expect([file.readUInt16LE(at + 20), file.readUInt16LE(at + 22), file[at + 25]]).toEqual([0, 4096, PageType.HASH])
    }
  })

  test('what does not fit on the page of its bucket follows on chained pages behind all buckets', () => {
    // Each pair takes 224 bytes of a 512-byte page: two to a page, in few buckets, so chains are certain.
    const keys = Array.from({ length: 200 }, (_, i) => `${i}`.padEnd(109, 'x'))
    const file = build(keys, 'y'.repeat(109), 512)
    const buckets = file.readUInt32LE(72) + 1
    const pages = file.length / 512 - 1
    expect(pages).toBeGreaterThan(buckets)
    let chained = 0
    for (let pgno = 1; pgno <= pages; pgno++) {
      const [prev, next] = [file.readUInt32LE(512 * pgno + 12), file.readUInt32LE(512 * pgno + 16)]
      expect(prev !== 0).toBe(pgno > buckets)
      if (next === 0) continue
      chained++
      expect([next > buckets, file.readUInt32LE(512 * next + 12)]).toEqual([true, pgno])
    }
    expect(chained).toBe(pages - buckets)
    const reader = new HashReader(file)
    for (const key of keys) expect(reader.get(key)).toBe('y'.repeat(109))
  })

  test('in a page a key comes after the longer ones that begin with it, unlike in a btree', () => {
    const keys = ['a', 'ab', 'abc', 'b', 'bc', 'B'].flatMap((key) => [key, `${key}\0`])
    const pages = [...new HashReader(build(keys, '1')).entries()].map(([key]) => key)
    let pairs = 0
    for (const [i, key] of pages.entries()) {
      const before = pages[i - 1]
      if (before === undefined || !key.startsWith(before)) continue
      // Only across the border of two buckets.
      expect(fnvHash(Buffer.from(key, 'latin1')) & 1).not.toBe(fnvHash(Buffer.from(before, 'latin1')) & 1)
      pairs++
    }
    expect(pairs).toBeLessThanOrEqual(1)
  })
})

describe('what it refuses', () => {
  test('a key twice', () => {
    expect(() => build(['a', 'b', 'a'], 'OK')).toThrow(
      expect.objectContaining({ kind: 'malformed', code: 'DRAC_BDB_ORDER' }),
    )
  })

  test.each([512, 4096])('items that need an overflow page, at %i bytes', (pageSize) => {
    const longest = 'k'.repeat(maxItemBytes(pageSize))
    expect(new HashReader(build([longest], longest, pageSize)).get(longest)).toBe(longest)
    for (const [key, value] of [
      [`${longest}k`, ''],
      ['k', `${longest}k`],
    ] as const) {
      expect(() => build([key], value, pageSize)).toThrow(expect.objectContaining({ code: 'DRAC_BDB_ITEM' }))
    }
  })

  test.each([0, 256, 1000, 131_072, Number.NaN])('a page size of %d', (pageSize) => {
    expect(() => build([], '', pageSize)).toThrow(expect.objectContaining({ code: 'DRAC_BDB_PAGE_SIZE' }))
  })
})

describe('written and read', () => {
  test.each([512, 1024, 4096])('every key is found, no other is, at %i bytes a page', (pageSize) => {
    fc.assert(
      fc.property(pairsArbitrary, fc.array(fc.oneof(keyArbitrary, prefixArbitrary)), (pairs, others) => {
        const reader = new HashReader(encodeHash(packPairs(pairs), { pageSize }))
        expect(new Map(reader.entries())).toEqual(new Map(pairs))
        for (const [key, value] of pairs) expect(reader.get(key)).toBe(value)
        const keys = new Set(pairs.map(([key]) => key))
        for (const other of others) if (!keys.has(other)) expect(reader.get(other)).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })
})

describe('hostile bytes', () => {
  const keys = numbered(60)
  const file = build(keys, '1999999999', 512)
  const readAll = (bytes: Uint8Array): void => {
    const reader = new HashReader(bytes)
    for (const key of keys) reader.get(key)
    for (const [key] of reader.entries()) reader.get(key)
  }
  const tolerate = (bytes: Uint8Array): void => {
    try {
      readAll(bytes)
    } catch (error) {
      if (!['malformed', 'unsupported'].includes((error as { kind?: string } | null)?.kind ?? '')) throw error
    }
  }

  test('every truncation is malformed', () => {
    for (let length = 0; length < file.length; length++) {
      expect(() => readAll(file.subarray(0, length))).toThrow(expect.objectContaining({ kind: 'malformed' }))
    }
  })

  test('a changed byte yields a value or an error of ours', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const bytes = Buffer.from(file)
        bytes[at] = byte
        tolerate(bytes)
      }),
      { numRuns: 3000 },
    )
  })

  test('random bytes behind a good metadata page', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: file.length - 512, maxLength: file.length }), (bytes) => {
        tolerate(Buffer.concat([file.subarray(0, 512), bytes]))
      }),
      { numRuns: 500 },
    )
  })

  test('pages that form a ring are noticed', () => {
    const bytes = Buffer.from(file)
    for (let at = 512; at < bytes.length; at += 512) bytes.writeUInt32LE(at / 512, at + 16)
    expect(() => new HashReader(bytes).get('192.0.2.999')).toThrow(expect.objectContaining({ code: 'DRAC_BDB_LOOP' }))
  })

  test.each([
    ['a btree', 12, '62310500'],
    ['a big-endian hash', 12, '00061561'],
    ['another version', 16, '08000000'],
    ['encryption', 24, '01'],
    ['checksums', 26, '01'],
  ])('%s is unsupported', (_, at, hex) => {
    const bytes = Buffer.from(file)
    bytes.write(hex, at, 'hex')
    expect(() => readAll(bytes)).toThrow(expect.objectContaining({ kind: 'unsupported' }))
  })
})
