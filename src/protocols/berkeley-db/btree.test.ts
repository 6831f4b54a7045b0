import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBtree } from './btree.ts'
import { BtreeReader } from './btree-reader.ts'
import { packPairs } from './packed-pairs.ts'
import { fileId, maxItemBytes } from './page.ts'

const numbered = (n: number): string[] => Array.from({ length: n }, (_, i) => `192.0.2.${i}`).sort()
const build = (keys: readonly string[], values: readonly string[] | string, pageSize = 4096): Buffer =>
  encodeBtree(packPairs(keys.map((key, i) => [key, typeof values === 'string' ? values : values[i]!])), { pageSize })
const keyArbitrary = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
const pairsArbitrary = fc
  .uniqueArray(keyArbitrary, { maxLength: 400 })
  .map((keys) => keys.sort().map((key, i) => [key, `${i}`] as const))

describe('the layout', () => {
  test('an empty map is a metadata page and an empty leaf', () => {
    const file = build([], 'OK')
    expect(file.length).toBe(8192)
    // As db5.3_load -T -t btree writes it, the file id apart.
    expect(file.subarray(0, 52).toString('hex')).toBe(
      '0000000001000000' +
        '00000000' +
        '62310500' +
        '09000000' +
        '00100000' +
        '00090000' +
        '00000000' +
        '01000000'.padEnd(40, '0'),
    )
    expect(file.subarray(72, 92).toString('hex')).toBe('0000000002000000000000002000000001000000')
    expect(file.subarray(92, 4096).every((byte) => byte === 0)).toBe(true)
    expect(file.subarray(4096, 4122).toString('hex')).toBe('0000000001000000010000000000000000000000000000100105')
  })

  test('a leaf: header, index, items from the end downwards', () => {
    const page = build(['a', 'bcd'], ['1', '23456']).subarray(4096)
    expect(page.readUInt16LE(20)).toBe(4)
    expect([26, 28, 30, 32].map((at) => page.readUInt16LE(at))).toEqual([4092, 4088, 4080, 4072])
    expect(page.readUInt16LE(22)).toBe(4072)
    expect(page.subarray(4072).toString('hex')).toBe('0500013233343536' + '0300016263640000' + '01000131' + '01000161')
  })

  test('an internal page: child pages, the first key empty, leaves linked both ways', () => {
    const keys = numbered(60)
    const file = build(keys, '1999999999', 512)
    const [root, first, last] = [file.subarray(512, 1024), file.subarray(1024, 1536), file.subarray(-512)]
    expect([root[24], root[25]]).toEqual([2, 3])
    const children = root.readUInt16LE(20)
    expect(file.length).toBe((2 + children) * 512)
    const item = root.readUInt16LE(26)
    expect([root.readUInt16LE(item), root[item + 2], root.readUInt32LE(item + 4)]).toEqual([0, 1, 2])
    expect([first.readUInt32LE(12), first.readUInt32LE(16)]).toEqual([0, 3])
    expect([last.readUInt32LE(12), last.readUInt32LE(16)]).toEqual([children, 0])
    const second = root.readUInt16LE(28)
    const name = root.toString('latin1', second + 12, second + 12 + root.readUInt16LE(second))
    expect(name).toBe(keys[first.readUInt16LE(20) / 2])
  })

  test('the file id tells files apart and is the same for the same content', () => {
    const ids = [build(['a'], '1'), build(['a'], '1'), build(['a'], '2'), build([], '1')].map(fileId)
    expect(ids[0]).toMatch(/^[0-9a-f]{40}$/)
    expect(ids[1]).toBe(ids[0])
    expect(new Set(ids).size).toBe(3)
  })

  test('65536-byte pages: the free offset of an empty page does not fit and is 0', () => {
    expect(build([], '', 65_536).readUInt16LE(65_536 + 22)).toBe(0)
  })

  test('a page is filled to its end', () => {
    // 26 bytes of header, then pairs of 4 + 112 + 112, the same again, and 4 + 12 + 12: 510 of 512, and steps are of 4.
    const keys = ['a'.repeat(109), 'b'.repeat(109), 'c'.repeat(9)]
    const values = (last: number): string[] => ['1'.repeat(109), '2'.repeat(109), '3'.repeat(last)]
    expect(build(keys, values(9), 512).length).toBe(1024)
    expect(build(keys, values(10), 512).length).toBe(2048)
  })
})

describe('what it refuses', () => {
  test.each([
    ['keys out of order', ['b', 'a']],
    ['a longer key before the one it begins with', ['ab', 'a']],
    ['a key twice', ['a', 'a']],
  ])('%s', (_, keys) => {
    expect(() => build(keys, 'OK')).toThrow(expect.objectContaining({ kind: 'malformed', code: 'DRAC_BDB_ORDER' }))
  })

  test.each([512, 4096])('items that need an overflow page, at %i bytes', (pageSize) => {
    const longest = 'k'.repeat(maxItemBytes(pageSize))
    expect(build([longest], longest, pageSize).length).toBe(2 * pageSize)
    for (const [key, value] of [
      [`${longest}k`, ''],
      ['k', `${longest}k`],
    ] as const) {
      expect(() => build([key], value, pageSize)).toThrow(expect.objectContaining({ code: 'DRAC_BDB_ITEM' }))
    }
  })

  test('the limit is that of Berkeley DB', () => expect([512, 4096].map(maxItemBytes)).toEqual([111, 1007]))

  test.each([0, 256, 1000, 131_072, Number.NaN])('a page size of %d', (pageSize) => {
    expect(() => build([], '', pageSize)).toThrow(expect.objectContaining({ code: 'DRAC_BDB_PAGE_SIZE' }))
  })
})

describe('written and read', () => {
  test.each([512, 1024, 4096])('every key is found, no other is, at %i bytes a page', (pageSize) => {
    fc.assert(
      fc.property(pairsArbitrary, fc.array(keyArbitrary), (pairs, others) => {
        const keys = pairs.map(([key]) => key)
        const reader = new BtreeReader(
          build(
            keys,
            pairs.map(([, value]) => value),
            pageSize,
          ),
        )
        expect([...reader.entries()]).toEqual(pairs)
        for (const [key, value] of pairs) expect(reader.get(key)).toBe(value)
        for (const other of others) if (!keys.includes(other)) expect(reader.get(other)).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  test('a tree of several levels', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `2001:db8:0:0:0:0:0:${i.toString(16)}`).sort()
    const file = build(keys, 'OK', 512)
    expect(file[512 + 24]).toBeGreaterThanOrEqual(4)
    const reader = new BtreeReader(file)
    expect(Array.from(reader.entries(), ([key]) => key)).toEqual(keys)
    for (const key of keys) {
      if (reader.get(key) !== 'OK') throw new Error(`not found: ${key}`)
      if (reader.get(`${key}!`) !== undefined) throw new Error(`found: ${key}!`)
    }
  })
})

describe('hostile bytes', () => {
  const file = build(numbered(60), '1999999999', 512)
  const readAll = (bytes: Uint8Array): void => {
    const reader = new BtreeReader(bytes)
    for (const [key] of reader.entries()) reader.get(key)
  }
  const ours = (error: unknown): boolean =>
    ['malformed', 'unsupported'].includes((error as { kind?: string } | null)?.kind ?? '')
  const tolerate = (bytes: Uint8Array): void => {
    try {
      readAll(bytes)
    } catch (error) {
      if (!ours(error)) throw error
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
      fc.property(fc.uint8Array({ minLength: 1024, maxLength: 2048 }), (bytes) => {
        tolerate(Buffer.concat([file.subarray(0, 512), bytes]))
      }),
      { numRuns: 1000 },
    )
  })

  test('leaves that form a ring are noticed', () => {
    const bytes = Buffer.from(file)
    bytes.writeUInt32LE(2, 2 * 512 + 16)
    expect(() => readAll(bytes)).toThrow(expect.objectContaining({ code: 'DRAC_BDB_LOOP' }))
  })

  test.each([
    ['a hash file', 12, '61150600'],
    ['a big-endian btree', 12, '00053162'],
    ['another version', 16, '08000000'],
    ['encryption', 24, '01'],
    ['checksums', 26, '01'],
  ])('%s is unsupported', (_, at, hex) => {
    const bytes = Buffer.from(file)
    bytes.write(hex, at, 'hex')
    expect(() => readAll(bytes)).toThrow(expect.objectContaining({ kind: 'unsupported' }))
  })
})
