import { expect, test } from 'vitest'
import { earliestForChanges, earliestForExpiries, NEVER, PACE, retryAfter, untilExpired } from './pace.ts'

test('changes: 200 ms from start to start, and as long a rest as the rewrite took', () => {
  expect(earliestForChanges(PACE, { start: 1000, end: 1010 })).toBe(1200)
  expect(earliestForChanges(PACE, { start: 1000, end: 1500 })).toBe(2000)
})

test('expiries: a second, or nine times what the rewrite took', () => {
  expect(earliestForExpiries(PACE, { start: 1000, end: 1010 })).toBe(2010)
  expect(earliestForExpiries(PACE, { start: 1000, end: 1500 })).toBe(6000)
})

test('a map that was never written may be written now', () => {
  expect(earliestForChanges(PACE, NEVER)).toBeLessThan(0)
  expect(earliestForExpiries(PACE, NEVER)).toBeLessThan(0)
})

test('retries: 1, 2, 4, 8 and then every 8 s', () => {
  expect([1, 2, 3, 4, 5, 50].map((failures) => retryAfter(PACE, failures))).toEqual([
    1000, 2000, 4000, 8000, 8000, 8000,
  ])
})

test('an entry is in the map through the last second that permits', () => {
  expect(untilExpired(PACE, 1000, 1001)).toBe(0)
  expect(untilExpired(PACE, 1000, 1000)).toBe(100)
  expect(untilExpired(PACE, 1000, 997)).toBe(3000)
  expect(untilExpired(PACE, 5000, 1000)).toBe(10_000)
})
