import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CdbPairs, cdbHash, encodeCdb } from './cdb.ts'
import { CdbReader } from './cdb-reader.ts'

function pack(entries: readonly (readonly [key: string, data: string])[]): CdbPairs {
  const bytes = Buffer.from(entries.flat().join(''), 'latin1')
  let at = 0
  const places = entries.map(([key, data]) => {
    const keyAt = at
    at += key.length + data.length
    return { keyAt, keyLength: key.length, valueAt: keyAt + key.length, valueLength: data.length }
  })
  const all = (of: keyof (typeof places)[0]): number[] => places.map((place) => place[of])
  return {
    bytes,
    count: entries.length,
    keyAt: all('keyAt'),
    keyLength: all('keyLength'),
    valueAt: all('valueAt'),
    valueLength: all('valueLength'),
  }
}
const textArbitrary = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const pairsArbitrary = fc.uniqueArray(fc.tuple(textArbitrary, textArbitrary), {
  maxLength: 300,
  selector: ([key]) => key,
})

describe('the layout', () => {
  // cdb -c of tinycdb 0.78 for +9,2:192.0.2.5->OK
  const RECORD = '09000000020000003139322e302e322e354f4b'
  const HASH = cdbHash(Buffer.from('192.0.2.5'))

  test('one record is as tinycdb writes it', () => {
    const file = encodeCdb(pack([['192.0.2.5', 'OK']]))
    expect(HASH).toBe(0x7c5f14a6)
    expect(file.length).toBe(2048 + 19 + 16)
    for (let table = 0; table < 256; table++) {
      const after = table > (HASH & 255)
      expect([file.readUInt32LE(8 * table), file.readUInt32LE(8 * table + 4)]).toEqual([
        after ? 2083 : 2067,
        table === (HASH & 255) ? 2 : 0,
      ])
    }
    expect(file.subarray(2048, 2067).toString('hex')).toBe(RECORD)
    const slot = (HASH >>> 8) % 2
    expect(file.readUInt32LE(2067 + 8 * slot)).toBe(HASH)
    expect(file.readUInt32LE(2067 + 8 * slot + 4)).toBe(2048)
    expect(file.readUInt32LE(2067 + 8 * (1 - slot) + 4)).toBe(0)
  })

  test('an empty map is the pointers alone', () => {
    const file = encodeCdb(pack([]))
    expect(file.length).toBe(2048)
    for (let at = 0; at < 2048; at += 8) expect([file.readUInt32LE(at), file.readUInt32LE(at + 4)]).toEqual([2048, 0])
  })

  test('the hash begins with 5381', () => expect(cdbHash(Buffer.alloc(0))).toBe(5381))
})

describe('written and read', () => {
  test('every key is found, no other is', () => {
    fc.assert(
      fc.property(pairsArbitrary, fc.array(textArbitrary), (pairs, others) => {
        const reader = new CdbReader(encodeCdb(pack(pairs)))
        expect([...reader.entries()]).toEqual(pairs)
        for (const [key, data] of pairs) expect(reader.get(key)).toBe(data)
        const keys = new Set(pairs.map(([key]) => key))
        for (const other of others) if (!keys.has(other)) expect(reader.get(other)).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })

  test('of a key that comes twice the first record is found', () => {
    const file = encodeCdb(
      pack([
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ]),
    )
    expect(new CdbReader(file).get('a')).toBe('1')
  })
})

describe('hostile bytes', () => {
  const keys = Array.from({ length: 40 }, (_, i) => `192.0.2.${i}`)
  const file = encodeCdb(pack(keys.map((key) => [key, '1999999999'])))
  const readAll = (bytes: Uint8Array): void => {
    const reader = new CdbReader(bytes)
    for (const key of keys) reader.get(key)
    for (const [key] of reader.entries()) reader.get(key)
  }
  const tolerate = (bytes: Uint8Array): void => {
    try {
      readAll(bytes)
    } catch (error) {
      if ((error as { kind?: string } | null)?.kind !== 'malformed') throw error
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
      { numRuns: 2000 },
    )
  })

  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 2048, maxLength: 4096 }), tolerate), { numRuns: 500 })
  })
})
