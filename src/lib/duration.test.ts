import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration, writeDuration } from './duration.ts'

test.each([
  ['30m', 1800],
  ['24h', 86_400],
  ['1h30m', 5400],
  ['90', 90],
  ['7d', 604_800],
  ['1w', 604_800],
  ['0', 0],
])('%s is %i s', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test.each(['', 'm', '1.5h', '-1', '30 m', '1h30', 'x', '99999999999s', '1e3'])('not a duration: %j', (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'DRAC_DURATION' }))
})

test.each([
  [0, '0s'],
  [59, '59s'],
  [60, '1m'],
  [1752, '29m 12s'],
  [7500, '2h 5m'],
  [7205, '2h'],
  [90_061, '1d 1h'],
  [-5, '0s'],
])('%i s reads %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test('what is written is read as the same', () => {
  expect([1800, 5400, 0, 86_400, 172_861].map(writeDuration)).toEqual(['30m', '1h30m', '0s', '24h', '2d1m1s'])
  fc.assert(fc.property(fc.nat(), (seconds) => parseDuration(writeDuration(seconds)) === seconds))
})
