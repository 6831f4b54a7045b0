import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distance, nearest } from './nearest.ts'

const KNOWN = ['lifetime', 'max_lifetime', 'drac_rpc.listen', 'drac_rpc.portmapper', 'socketmap.listen']

test.each([
  ['lifetme', 'lifetime'],
  ['liftiime', 'lifetime'],
  ['maxlifetime', 'max_lifetime'],
  ['drac_rpc.portmaper', 'drac_rpc.portmapper'],
  ['portmapper', 'drac_rpc.portmapper'],
  ['listen', 'drac_rpc.listen or socketmap.listen'],
  ['colour', undefined],
])('%s was meant to be %s', (unknown, meant) => {
  expect(nearest(unknown, KNOWN)).toBe(meant)
})

test('a distance is 0 for the same, the same both ways, 1 for a swap, and at most the longer length', () => {
  expect(distance('listen', 'lisetn')).toBe(1)
  const word = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(distance(a, b)).toBe(distance(b, a))
      expect(distance(a, b) === 0).toBe(a === b)
      expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})
