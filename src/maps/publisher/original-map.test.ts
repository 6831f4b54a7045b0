import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBtree } from '../../protocols/berkeley-db/btree.ts'
import { encodeHash } from '../../protocols/berkeley-db/hash.ts'
import { packPairs, sortPairs } from '../../protocols/berkeley-db/packed-pairs.ts'
import { readOriginalMap } from './original-map.ts'

const map = (pairs: Record<string, string>): Uint8Array =>
  encodeBtree(sortPairs(packPairs(Object.entries(pairs))), { pageSize: 512 })

test('dotted quads and inet_ntop text, with or without NUL and width', () => {
  const entries = readOriginalMap(
    map({
      '192.0.2.1': '1999999991',
      '192.0.2.2\0': '1999999992\0',
      '192.0.2.3/32': '1999999993',
      '192.0.2.4/32\0': '1999999994\0',
      '2001:db8::5': '1999999995',
      '2001:db8::6/128': '1999999996',
      '::ffff:192.0.2.7': '1999999997',
    }),
  )
  expect(Object.fromEntries(entries.map(({ key, expiresAt }) => [key, expiresAt]))).toEqual({
    '192.0.2.1': 1999999991,
    '192.0.2.2': 1999999992,
    '192.0.2.3': 1999999993,
    '192.0.2.4': 1999999994,
    '2001:db8::5': 1999999995,
    '2001:db8::6': 1999999996,
    '192.0.2.7': 1999999997,
  })
})

test('a hash map is read as well', () => {
  const bytes = encodeHash(
    packPairs([
      ['192.0.2.1', '1999999991'],
      ['2001:db8::5\0', '1999999995\0'],
    ]),
  )
  expect(readOriginalMap(bytes).sort((a, b) => a.expiresAt - b.expiresAt)).toEqual([
    { key: '192.0.2.1', expiresAt: 1999999991 },
    { key: '2001:db8::5', expiresAt: 1999999995 },
  ])
})

test('several spellings of a client are one entry, with the latest expiry', () => {
  const pairs = {
    'ipv6:2001:db8:0:0:0:0:0:5': '1999999992',
    'IPv6:2001:db8::5': '1999999993',
    '2001:db8::5': '1999999991',
  }
  expect(readOriginalMap(map(pairs))).toEqual([{ key: '2001:db8::5', expiresAt: 1999999993 }])
})

test('what is no address with an expiry is left out', () => {
  expect(
    readOriginalMap(map({ 'mail.example': '1999999999', '192.0.2.1': 'OK', '192.0.2.2': '', '': '1', x: '' })),
  ).toEqual([])
})

test('no bytes do more harm than an error of ours', () => {
  const good = map({ '192.0.2.1': '1999999991', '2001:db8::5': '1999999995' })
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.uint8Array({ maxLength: 8 }), (at, patch) => {
      const bytes = Uint8Array.from(good)
      bytes.set(patch.subarray(0, good.length - at), at)
      try {
        readOriginalMap(bytes)
      } catch (error) {
        expect(['malformed', 'unsupported']).toContain((error as { kind?: string }).kind)
      }
    }),
    { numRuns: 2000 },
  )
})
