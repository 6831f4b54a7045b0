import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseLine } from './line.ts'
import { timeOfStamp } from './stamp.ts'

const utc = (text: string): number => Date.parse(text) / 1000
/** Local time of this host, as syslog daemons write it. */
const local = (...parts: [number, number, number, number, number, number]): number =>
  new Date(...parts).getTime() / 1000
const NOW = local(2026, 10, 22, 18, 0, 0)

test.each([
  ['Nov 22 17:45:37 mailhost dovecot: imap-login: x', 'mailhost', 'dovecot', undefined, 'imap-login: x'],
  ['Nov  2 17:45:37 mailhost cyrus/imap[60]: login: x', 'mailhost', 'cyrus/imap', '60', 'login: x'],
  ['Nov 02 17:45:37 192.0.2.1 popper[1]:  two spaces', '192.0.2.1', 'popper', '1', ' two spaces'],
  ['2026-11-22T17:45:37.123456+01:00 mail.example.org imapd: a: b', 'mail.example.org', 'imapd', undefined, 'a: b'],
  ['2026-11-22T17:45:37+0100 mailhost imapd[7]: x', 'mailhost', 'imapd', '7', 'x'],
  ['Nov 22 17:45:37 sunhost ipop3d[9]: [ID 210418 mail.info] Login', 'sunhost', 'ipop3d', '9', 'Login'],
  ['Nov 22 17:45:37 imap-login: Info: Login: x', '', '', undefined, 'imap-login: Info: Login: x'],
  ['2026-11-22 17:45:37 imap(al ice)<1><x>: Info: y', '', '', undefined, 'imap(al ice)<1><x>: Info: y'],
  ['dovecot: Nov 22 17:45:37 Info: imap-login: x', '', '', undefined, 'Info: imap-login: x'],
  ['Nov 22 17:45:37 [popper] (v4) x', '', '', undefined, '[popper] (v4) x'],
])('%s', (line, host, program, pid, message) => {
  const { at, ...rest } = parseLine(line, NOW)!
  expect(rest).toEqual({ host, program, message, ...(pid === undefined ? {} : { pid }) })
  expect(at).toBeGreaterThan(0)
})

test.each([
  '',
  'x',
  'Nov 22 17:45:37',
  'Nov 22 17:45:37 mailhost',
  'Nov 22 17:45:37 mailhost tag',
  'Nov 22 17:45:37 mailhost tag without colon: x',
  'Nov 22 17:45 mailhost tag: x',
  'Nov 31 17:45:37 mailhost tag: x',
  '2026-11-22X17:45:37Z mailhost tag: x',
  '<22>Nov 22 17:45:37 mailhost tag: x',
  '<22>1 2026-11-22T17:45:37Z mailhost tag 1 - - x',
])('no line of a log: %j', (line) => {
  expect(parseLine(line, NOW)).toBeUndefined()
})

describe('a time without a year', () => {
  test.each([
    ['Nov 22 17:45:37', NOW, local(2026, 10, 22, 17, 45, 37)],
    ['Nov  2 17:45:37', NOW, local(2026, 10, 2, 17, 45, 37)],
    ['Dec 31 23:59:59', local(2027, 0, 1, 0, 0, 5), local(2026, 11, 31, 23, 59, 59)],
    ['Jan  1 00:00:05', local(2026, 11, 31, 23, 59, 59), local(2027, 0, 1, 0, 0, 5)],
    ['Jan  1 00:00:05', local(2027, 0, 1, 0, 1, 0), local(2027, 0, 1, 0, 0, 5)],
    ['Nov 23 17:00:00', NOW, local(2026, 10, 23, 17, 0, 0)],
    ['Nov 24 17:45:37', NOW, local(2025, 10, 24, 17, 45, 37)],
    ['Feb 29 12:00:00', local(2027, 2, 1, 0, 0, 0), local(2024, 1, 29, 12, 0, 0)],
  ])('%s is the latest that is not over a day ahead', (stamp, now, at) => {
    expect(timeOfStamp(stamp, now)).toBe(at)
  })
})

test.each([
  ['2026-11-22T17:45:37Z', utc('2026-11-22T17:45:37Z')],
  ['2026-11-22T17:45:37.999999Z', utc('2026-11-22T17:45:37Z')],
  ['2026-11-22T17:45:37.5+01:00', utc('2026-11-22T16:45:37Z')],
  ['2026-11-22T17:45:37-0530', utc('2026-11-22T23:15:37Z')],
  ['2026-11-22 17:45:37', local(2026, 10, 22, 17, 45, 37)],
  ['Sun Nov 22 17:45:37 2026', local(2026, 10, 22, 17, 45, 37)],
  ['2026-12-31T23:59:60Z', utc('2027-01-01T00:00:00Z')],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-11-22T24:00:00Z', undefined],
  ['2026-11-22T17:60:00Z', undefined],
  ['Xyz 22 17:45:37', undefined],
  ['Nov 00 17:45:37', undefined],
])('the time %s', (stamp, at) => {
  expect(timeOfStamp(stamp, NOW)).toBe(at)
})

test('any text is a line or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
      const line = parseLine(`Nov 22 17:45:37 ${text}`, NOW)
      if (line) expect(line.at).toBe(local(2026, 10, 22, 17, 45, 37))
      parseLine(text, NOW)
    }),
  )
})
