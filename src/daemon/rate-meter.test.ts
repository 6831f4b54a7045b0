import { expect, test } from 'vitest'
import { RateMeter } from './rate-meter.ts'
import { Repeats } from './repeats.ts'

test('a rate looks back one minute', () => {
  const meter = new RateMeter()
  expect(meter.rate(0, 0)).toBe(0)
  for (let at = 0; at <= 300; at += 5) meter.sample(at, at * 10)
  expect(meter.rate(300, 3000)).toBe(10)
  for (let at = 305; at <= 400; at += 5) meter.sample(at, 3000)
  expect(meter.rate(400, 3000)).toBe(0)
})

test('the first of many is said, the rest are summed up', () => {
  const repeats = new Repeats(2)
  expect([repeats.first('a'), repeats.first('a'), repeats.first('b'), repeats.first('c'), repeats.first('d')]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ])
  expect(repeats.drain()).toEqual([
    ['a', 1],
    ['others', 1],
  ])
  expect(repeats.first('a')).toBe(true)
})
