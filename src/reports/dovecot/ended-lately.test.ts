import { expect, test } from 'vitest'
import { EndedLately } from './ended-lately.ts'

test('an end is remembered for a minute', () => {
  let now = 0
  const ended = new EndedLately(() => now)
  ended.add('a')
  now = 59_999
  expect([ended.has('a'), ended.has('b')]).toEqual([true, false])
  now = 60_000
  expect(ended.has('a')).toBe(false)
})

test('told again, it is remembered from then; above the limit the oldest is forgotten', () => {
  let now = 0
  const ended = new EndedLately(() => now, 2)
  for (const session of ['a', 'b', 'a', 'c']) {
    ended.add(session)
    now += 1
  }
  expect(['a', 'b', 'c'].map((session) => ended.has(session))).toEqual([true, false, true])
})
