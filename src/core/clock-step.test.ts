import { expect, test } from 'vitest'
import { ClockStepWatch } from './clock-step.ts'

test('an hour back is an hour back, once', () => {
  const watch = new ClockStepWatch(10_000, 50)
  expect(watch.check(10_001, 51)).toBe(0)
  expect(watch.check(6_402, 52)).toBe(-3600)
  expect(watch.check(6_403, 53)).toBe(0)
})

test('forward steps and a suspended machine need nothing', () => {
  const watch = new ClockStepWatch(10_000, 50)
  expect(watch.check(99_999, 51)).toBe(0)
  expect(watch.check(100_000, 52)).toBe(0)
})

test('slewing is no step, but many small steps back add up', () => {
  const watch = new ClockStepWatch(10_000, 0)
  expect(watch.check(10_000.5, 1)).toBe(0)
  expect(watch.check(10_001, 2)).toBe(0)
  expect(watch.check(10_001.5, 3)).toBe(0)
  expect(watch.check(10_002, 4)).toBe(-2)
})
