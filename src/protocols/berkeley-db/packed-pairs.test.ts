import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packPairs, sortPairs } from './packed-pairs.ts'

const text = fc.string({ unit: 'binary-ascii', maxLength: 6 })
const unpack = ({ bytes, count, keyAt, keyLength, valueAt, valueLength }: ReturnType<typeof packPairs>) =>
  Array.from({ length: count }, (_, i) => {
    const slice = (at: number, length: number): string => Buffer.from(bytes).toString('latin1', at, at + length)
    return [slice(keyAt[i]!, keyLength[i]!), slice(valueAt[i]!, valueLength[i]!)] as const
  })

test('packed, sorted and unpacked, the pairs are as sort() leaves them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 200 }), (pairs) => {
      const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))
      expect(unpack(packPairs(pairs))).toEqual(pairs)
      expect(unpack(sortPairs(packPairs(pairs)))).toEqual(sorted)
    }),
  )
})

test('a few sorted stretches, one after the other', () => {
  const stretch = (from: number): [string, string][] =>
    Array.from({ length: 1000 }, (_, i) => [String(from + 7 * i).padStart(9, '0'), String(i)])
  const pairs = [...stretch(3), ...stretch(1), ...stretch(50_000), ...stretch(2), ...stretch(4)]
  expect(unpack(sortPairs(packPairs(pairs)))).toEqual(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)))
})

test('what is sorted is left as it is', () => {
  const pairs = packPairs([
    ['a', '1'],
    ['ab', '2'],
    ['b', '3'],
  ])
  expect(sortPairs(pairs)).toBe(pairs)
})
