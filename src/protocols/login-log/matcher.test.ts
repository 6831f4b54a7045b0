import { describe, expect, test } from 'vitest'
import { Joins } from './joins.ts'
import { LogMatcher, SERVERS } from './matcher.ts'

const NOW = Date.UTC(2026, 10, 22, 18) / 1000
const T = '2026-11-22T17:00:00Z mailhost '
const AT = NOW - 3600

test('an event says who, from where, when and in which session', () => {
  const line = `${T}dovecot: imap-login: Login: user=<alice>, method=PLAIN, rip=::ffff:192.0.2.10, lip=198.51.100.7, mpid=67, session=<9e2F>`
  expect(new LogMatcher({}).match(line, NOW)).toEqual({
    kind: 'login',
    address: '192.0.2.10',
    user: 'alice',
    session: '9e2F',
    server: 'dovecot',
    at: AT,
  })
})

describe('login and the last line share their session', () => {
  test.each([
    [
      'dovecot',
      'dovecot: imap-login: Login: user=<a>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, session=<k>',
      'dovecot: imap(a)<1><k>: Disconnected: Logged out in=1 out=2',
    ],
    [
      'cyrus',
      'cyrus/imap[60]: login: [192.0.2.1] a PLAIN User logged in SESSIONID=<k>',
      'cyrus/imap[60]: USAGE a user: 0.1 sys: 0.1',
    ],
    [
      'cyrus without SESSIONID',
      'imap[60]: login: [192.0.2.1] a PLAIN User logged in',
      'imap[60]: USAGE a user: 0.1 sys: 0.1',
    ],
    [
      'courier',
      'imapd: LOGIN, user=a, ip=[::ffff:192.0.2.1], port=[7], protocol=IMAP',
      'imapd: TIMEOUT, user=a, ip=[::ffff:192.0.2.1], port=[7], time=9',
    ],
    ['uw', 'imapd[62]: Login user=a host=[192.0.2.1]', 'imapd[62]: Autologout user=a host=[192.0.2.1]'],
    ['qpopper', 'popper[5]: (v4) POP login by user "a" at (h) 192.0.2.1', 'popper[5]: Stats: a 0 0 0 0 h 192.0.2.1'],
    [
      'teapop',
      'teapop[5]: Successful login for a [192.0.2.2] from h [192.0.2.1]',
      'teapop[5]: a [192.0.2.1] R0(0) D0(0) L1(160)',
    ],
    ['vm-pop3d', "vm-pop3d[5]: User 'a' logged in from 192.0.2.1", "vm-pop3d[5]: Session ended for user: 'a'"],
    [
      'tpop3d',
      "tpop3d[5]: fork_child: [6]a(192.0.2.1): began session for `a' with pam; child PID is 8",
      "tpop3d[8]: connections_post_select: client [6]a(192.0.2.1): finished session for `a' with pam",
    ],
    [
      'perdition',
      'perdition[5]: Auth: 192.0.2.1->192.0.2.2 user="a" server="s" port="143" status="ok"',
      'perdition[5]: Close: 192.0.2.1->192.0.2.2 user="a" received=1 sent=2',
    ],
  ])('%s', (_server, first, last) => {
    const matcher = new LogMatcher({})
    const [login, end] = [matcher.match(T + first, NOW), matcher.match(T + last, NOW)]
    expect(login?.kind).toBe('login')
    expect(end?.kind).toMatch(/^(logout|end)$/)
    expect(login?.session).toBeTypeOf('string')
    expect(end?.session).toBe(login?.session)
  })
})

test('a line of statistics that comes alone is a login without a session', () => {
  const event = new LogMatcher({}).match(`${T}popper[5]: Stats: a 0 0 0 0 h 192.0.2.1`, NOW)
  expect(event).toEqual({ kind: 'login', address: '192.0.2.1', user: 'a', server: 'qpopper', at: AT })
})

test('two lines are joined by their pid, not longer than fifteen minutes, and once', () => {
  const matcher = new LogMatcher({})
  const at = (minute: string, text: string) =>
    matcher.match(`2026-11-22T17:${minute}:00Z mailhost popa3d[7]: ${text}`, NOW)
  at('00', 'Session from 192.0.2.1')
  expect(at('14', 'Authentication passed for a')?.address).toBe('192.0.2.1')
  expect(at('14', 'Authentication passed for a')).toBeUndefined()
  at('20', 'Session from 192.0.2.1')
  expect(at('36', 'Authentication passed for a')).toBeUndefined()
  at('40', 'Session from 192.0.2.1')
  expect(at('39', 'Authentication passed for a')).toBeUndefined()
})

test('what waits to be joined is bounded, and the oldest goes', () => {
  const joins = new Joins<number>(3, 10)
  for (let i = 0; i < 100_000; i++) joins.put(`key ${i}`, i, 0)
  expect(joins.take('key 99996', 0)).toBeUndefined()
  expect([99_997, 99_998, 99_999].map((i) => joins.take(`key ${i}`, 0))).toEqual([99_997, 99_998, 99_999])
})

describe('an entry of the journal', () => {
  const entry = { program: 'popa3d', pid: '7', at: AT }
  test('is matched by its program and joined by its pid', () => {
    const matcher = new LogMatcher({ servers: ['popa3d'] })
    expect(matcher.matchMessage({ ...entry, message: 'Session from 192.0.2.1' }, NOW)).toBeUndefined()
    expect(matcher.matchMessage({ ...entry, message: 'Authentication passed for a' }, NOW)).toMatchObject({
      kind: 'login',
      address: '192.0.2.1',
      at: AT,
    })
  })
  test('needs no time', () => {
    const message = 'imap-login: Login: user=<a>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2'
    const event = new LogMatcher({}).matchMessage({ program: 'dovecot', message }, NOW)
    expect(event).toEqual({ kind: 'login', address: '192.0.2.1', user: 'a', server: 'dovecot' })
  })
  test.each(['', 'postfix/smtpd', 'Dovecot', 'dovecot '])('of %j is nothing', (program) => {
    const message = 'imap-login: Info: Login: user=<a>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2'
    expect(new LogMatcher({}).matchMessage({ program, message }, NOW)).toBeUndefined()
  })
  test('may have line ends in it, and none of them begins a line', () => {
    const matcher = new LogMatcher({})
    const said = (program: string, message: string) => matcher.matchMessage({ program, pid: '7', message }, NOW)
    expect(said('imapd', 'Login failed user=x\nLogin user=a host=[6.6.6.6]\n auth=x host=[192.0.2.1]')).toBeUndefined()
    expect(said('popa3d', 'Authentication failed for x\nSession from 6.6.6.6')).toBeUndefined()
    expect(said('popa3d', 'Authentication passed for x')).toBeUndefined()
    expect(said('imapd', 'Login user=a\nb host=[192.0.2.1]')?.address).toBe('192.0.2.1')
    expect(said('imapd', 'Login user=a host=[192.0.2.1]\n')).toBeUndefined()
  })
  test('never has the form of a whole line', () => {
    const message = `${T}dovecot: imap-login: Login: user=<a>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2`
    for (const program of ['dovecot', 'imapd', 'popper'])
      expect(new LogMatcher({}).matchMessage({ program, message }, NOW)).toBeUndefined()
  })
})

test('a line over 8 KiB yields nothing, even when a shorter one would', () => {
  const extra = [{ name: 'mine', program: 'myd', login: '<any> from <address>' }]
  const line = (length: number) => `${T}myd: ${'x'.repeat(length)} from 192.0.2.1`
  const matcher = new LogMatcher({ extra })
  expect(matcher.match(line(8000), NOW)?.address).toBe('192.0.2.1')
  expect(matcher.match(line(8192), NOW)).toBeUndefined()
  expect(matcher.matchMessage({ program: 'myd', message: line(8192).slice(T.length + 5) }, NOW)).toBeUndefined()
})

test('an unknown server is refused with the names that are known', () => {
  expect(() => new LogMatcher({ servers: ['dovecot', 'dovcot'] })).toThrow(/"dovcot"; known: dovecot, cyrus, courier/)
  expect(() => new LogMatcher({ servers: ['dovcot'] })).toThrow(expect.objectContaining({ kind: 'config' }))
  expect(SERVERS).toContain('popa3d')
})

describe('what Perdition writes again of a session that lasts', () => {
  const auth = (address: string, pid = 5) =>
    `${T}perdition[${pid}]: Auth: ${address}->198.51.100.7 user="a" server="s" port="143" status="ok"`
  const close = `${T}perdition[5]: Close: 192.0.2.1->198.51.100.7 user="a" received=1 sent=2`
  const kinds = (...lines: string[]) => {
    const matcher = new LogMatcher({})
    return lines.map((line) => matcher.match(line, NOW)?.kind)
  }

  test('is no login: after a revocation it counts for nothing', () => {
    expect(kinds(auth('192.0.2.1'), auth('192.0.2.1'), auth('192.0.2.1'), close)).toEqual([
      'login',
      'alive',
      'alive',
      'end',
    ])
  })

  test('and the login of another session is one', () => {
    expect(kinds(auth('192.0.2.1'), close, auth('192.0.2.1'))).toEqual(['login', 'end', 'login'])
    expect(kinds(auth('192.0.2.1'), auth('192.0.2.2'), auth('192.0.2.2', 6))).toEqual(['login', 'login', 'login'])
  })
})
