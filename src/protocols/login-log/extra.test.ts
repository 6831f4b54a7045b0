import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogMatcher } from './matcher.ts'

const NOW = Date.UTC(2026, 10, 22, 18) / 1000
const one = (login: string, logout?: string) =>
  new LogMatcher({
    servers: [],
    extra: [{ name: 'mine', program: ['myd', 'myd/ssl'], login, ...(logout ? { logout } : {}) }],
  })
const say = (matcher: LogMatcher, message: string, program = 'myd') => matcher.matchMessage({ program, message }, NOW)

test.each([
  ['user <user> in from <address>', 'user a b in from 192.0.2.1', 'a b'],
  ['user <user> in from <address>', 'user x in from 6.6.6.6 in from 192.0.2.1', 'x in from 6.6.6.6'],
  ['in <address>: <user>', 'in 192.0.2.1: x', 'x'],
  ['in <address>: <user>', 'in 192.0.2.1: 6.6.6.6: x', '6.6.6.6: x'],
  ['in <address>: <user> by <any>', 'in 192.0.2.1: x by y by z', 'x'],
  ['<any> <user>=<address>!', 'a b c=192.0.2.1!', 'c'],
  ['(.*)+ <user> [<address>]', '(.*)+ x [192.0.2.1]', 'x'],
])('%j reads %j', (pattern, message, user) => {
  expect(say(one(pattern), message)).toEqual({ kind: 'login', address: '192.0.2.1', user, server: 'mine' })
})

test('login and logout share what <session> is', () => {
  const matcher = one('in <user> <address> id=<session>', 'out id=<session> <address>')
  expect(say(matcher, 'in a 192.0.2.1 id=k7')).toMatchObject({ kind: 'login', session: 'k7' })
  expect(say(matcher, 'out id=k7 192.0.2.1', 'myd/ssl')).toMatchObject({ kind: 'logout', session: 'k7' })
  expect(say(matcher, 'in a 192.0.2.1 id=')).toBeUndefined()
})

test.each([
  ['in <user> <address>', ' in a 192.0.2.1'],
  ['in <user> <address>', 'in a 192.0.2.1 '],
  ['in <user> <address>', 'in a 192.0.2.01'],
  ['in <user> <address>', 'in a fe80::1%eth0'],
  ['in <user> <address>', 'in 192.0.2.1'],
  ['in <user> <address>', `in ${'a'.repeat(256)} 192.0.2.1`],
  ['in <address>', 'In 192.0.2.1'],
  ['a<address>a', 'a'],
  ['ab<address>ba', 'aba'],
])('%j does not read %j', (pattern, message) => {
  expect(say(one(pattern), message)).toBeUndefined()
})

test.each([
  ['user <user> in', /needs <address> exactly once/],
  ['<address> <address>', /needs <address> exactly once/],
  ['<user><address>', /needs text between/],
  ['<user> from <address> <any>', /both sides of <address>/],
  ['<any> <address> <user>', /both sides of <address>/],
  ['<user> <user> <address>', /once each/],
  [`${'x'.repeat(1024)}<address>`, /longer than/],
])('the pattern %j is refused', (pattern, why) => {
  expect(() => one(pattern)).toThrow(why)
  expect(() => one(pattern)).toThrow(/^log_pattern "mine"/)
})

test.each(['', 'my d', 'myd[1]', 'myd:'])('the program %j is refused', (program) => {
  expect(() => new LogMatcher({ extra: [{ name: 'mine', program, login: '<address>' }] })).toThrow(/syslog tag/)
})

test('whatever the user name is, the address is the one the server wrote', () => {
  const parts = fc.constantFrom('in ', ' from ', '6.6.6.6', ' ', '[', ']', ' by ', 'x', ': ', '::ffff:6.6.6.6')
  const hostile = fc.array(parts, { maxLength: 12 }).map((texts) => texts.join(''))
  const before = one('in <user> from [<address>] by d')
  const after = one('from [<address>] in <user> by <any>')
  fc.assert(
    fc.property(hostile, (user) => {
      expect(say(before, `in ${user} from [192.0.2.1] by d`)?.address).toBe('192.0.2.1')
      expect(say(after, `from [192.0.2.1] in ${user} by d`)?.address).toBe('192.0.2.1')
    }),
  )
})

test('lines of 1 MiB are no trouble', () => {
  const matcher = one('in <user> a <session> aa <address>aaa', 'aaa<address> <any> aa <user> aaa <any>')
  for (const text of ['a', 'a ', 'aa ', ' aa a', '1.1.1.1', 'in '])
    say(matcher, `in ${text.repeat(2 ** 20 / text.length)}`)
})
