// Whatever text a client chooses, no line of a server yields an address but the client's own, and a failed login yields
// nothing. The lines are built as the servers' sources build them.

import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LogMatcher, SERVERS } from './matcher.ts'
import { samplesByFile } from './samples/read.ts'

const NOW = Date.UTC(2026, 10, 22, 18) / 1000
const CLIENT = '192.0.2.66'
const T = '2026-11-22T17:00:00Z mailhost '

/** How each server writes a login, by user name; several lines are of one session. */
const LOGINS: Readonly<Record<string, (user: string) => string[]>> = {
  dovecot: (user) => [
    `dovecot: imap-login: Login: user=<${user}>, method=PLAIN, rip=${CLIENT}, lip=198.51.100.7, mpid=1, TLS, session=<a+b/>`,
  ],
  cyrus: (user) => [`cyrus/imap[6]: login: evil.example [${CLIENT}] ${user} PLAIN+TLS User logged in SESSIONID=<a-1>`],
  courier: (user) => [`imapd: LOGIN, user=${user}, ip=[::ffff:${CLIENT}], port=[4711], protocol=IMAP`],
  uw: (user) => [`imapd[6]: Login user=${user.slice(0, 80)} host=evil.example [${CLIENT}]`],
  qpopper: (user) => [`popper[6]: (v4.0.9) POP login by user "${user}" at (evil.example) ${CLIENT} [pop_log.c:244]`],
  cucipop: (user) => [`cucipop[6]: ${user} ${CLIENT} 0, 3 (4567), 3 (4567)`],
  teapop: (user) => [`teapop[6]: Successful login for ${user} [198.51.100.7] from unknown [${CLIENT}]`],
  popa3d: (user) => [`popa3d[6]: Session from ${CLIENT}`, `popa3d[6]: Authentication passed for ${user}`],
  'solid-pop3d': (user) => [`spop3d[6]: user ${user.slice(0, 40)} authenticated - evil.example (${CLIENT})`],
  'vm-pop3d': (user) => [`vm-pop3d[6]: Connect from ${CLIENT}`, `vm-pop3d[6]: User '${user}' logged in`],
  'gnu-pop3d': (user) => [`gnu-pop3d[6]: User ${user} logged in with mailbox /m from ${CLIENT}`],
  perdition: (user) => [`perdition[6]: Auth: ${CLIENT}->198.51.100.9 user="${user}" server="s" port="143" status="ok"`],
  vpopmail: (user) => [`vpopmail[6]: vchkpw-pop3: (PLAIN) login success ${user}@example.com:${CLIENT}`],
  tpop3d: (user) => [
    `tpop3d[6]: fork_child: [9]${user}(${CLIENT}): began session for \`${user}' with pam; child PID is 7`,
  ],
}

/** How each server writes what a stranger sent before any login, or a login that failed. */
const FAILURES: Readonly<Record<string, (user: string) => string[]>> = {
  dovecot: (user) => [
    `dovecot: imap-login: Disconnected: Inactivity (auth failed, 1 attempts in 2 secs): user=<${user}>, method=PLAIN, rip=${CLIENT}, lip=198.51.100.7`,
    `dovecot: imap-login: proxy(${user}): Login failed to 10.0.0.1:143: no: user=<${user}>, method=PLAIN, rip=${CLIENT}, lip=198.51.100.7`,
    `dovecot: auth: passwd-file(${user},${CLIENT}): unknown user`,
    `dovecot: imap: Error: ${user}`,
  ],
  cyrus: (user) => [
    `cyrus/imap[6]: badlogin: evil.example [${CLIENT}] plaintext (${user}) invalid user`,
    `cyrus/imap[6]: SASL cross-realm login ${user} denied`,
  ],
  courier: (user) => [
    `imapd: LOGIN FAILED, user=${user}, ip=[::ffff:${CLIENT}], port=[1]`,
    `imapd: Maximum connection limit reached for ${user}`,
  ],
  uw: (user) => [
    `imapd[6]: Login failed user=${user.slice(0, 80)} auth=${user.slice(0, 80)} host=[${CLIENT}]`,
    `ipop3d[6]: Login disabled user=${user.slice(0, 80)} auth=x host=[${CLIENT}]`,
    `imapd[6]: pam_unix(imap:auth): authentication failure; logname= uid=0 user=${user}`,
  ],
  qpopper: (user) => [
    `popper[6]: ${user} at evil.example (${CLIENT}): -ERR [AUTH] Password supplied for "${user}" is incorrect.`,
    `popper[6]: Unknown command: "${user}".`,
    `popper[6]: [AUTH] Failed attempted login to "${user}" from host (evil.example) ${CLIENT}`,
  ],
  cucipop: (user) => [`cucipop[6]: Invalid command ${user}`, `cucipop[6]: Invalid command x ${user} -`],
  teapop: (user) => [`teapop[6]: Failed login for ${user} [198.51.100.7] from unknown [${CLIENT}]`],
  popa3d: (user) => [`popa3d[6]: Session from ${CLIENT}`, `popa3d[6]: Authentication failed for ${user}`],
  'solid-pop3d': (user) => [
    `spop3d[6]: authentication failed for user ${user.slice(0, 40)} - evil.example (${CLIENT})`,
  ],
  'vm-pop3d': (user) => [`vm-pop3d[6]: pop3 user: ${user}`, `vm-pop3d[6]: Non-existent user: ${user}`],
  'gnu-pop3d': (user) => [`gnu-pop3d[6]: Login failed for ${user}`],
  perdition: (user) => [
    `perdition[6]: Auth: ${CLIENT}->198.51.100.9 user="${user}" server="s" port="143" status="failed: local authentication failure"`,
    `perdition[6]: Closing NULL session: ${CLIENT}->198.51.100.9 username=${user}`,
  ],
  vpopmail: (user) => [
    `vpopmail[6]: vchkpw-pop3: password fail (pass: '${user}') ${user}@example.com:${CLIENT}`,
    `vpopmail[6]: vchkpw-pop3: vpopmail user not found ${user}@example.com:${CLIENT}`,
    `vpopmail[6]: vchkpw-pop3: invalid user/domain characters ${user}:${CLIENT}`,
  ],
  tpop3d: (user) => [
    `tpop3d[6]: connection_do: client \`[9]${CLIENT}/x': username \`${user}': 1 authentication failures`,
  ],
  none: (user) => [
    `postfix/smtpd[6]: warning: Illegal address syntax from unknown[${CLIENT}] in MAIL command: <${user}>`,
    `sendmail[6]: 1: from=<${user}>, size=0, relay=evil.example [${CLIENT}]`,
    `sshd[6]: Invalid user ${user} from ${CLIENT}`,
    `${user}: x`,
  ],
}

/** Texts that are of use to an attacker: sample lines with a forged address, their messages, and pieces of them. */
const whole = [...samplesByFile().values()].flat().map(({ line }) => line.replaceAll(/\d+\.\d+\.\d+\.\d+/g, '6.6.6.6'))
const messages = whole.map((line) => line.replace(/^.*?\]?: /, ''))
const pieces = messages.flatMap((message) => message.split(/(?<=[ ,:<>[\]()"'`=])/))
const anything = fc.string({ unit: fc.constantFrom(...'aZ09 :<>[](){}\'"`,;=@/\\\t\r\n\0\u2028é字😀'), maxLength: 20 })
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...new Set(pieces)) },
  { weight: 1, arbitrary: anything },
)
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 16 }).map((texts) => texts.join('')),
  fc.constantFrom(...new Set([...whole, ...messages])),
  fc.tuple(piece, fc.constantFrom(...new Set(messages)), piece).map((texts) => texts.join('')),
)

const addresses = (lines: readonly string[]): (string | undefined)[] => {
  const matcher = new LogMatcher({})
  return lines.map((line) => matcher.match(T + line, NOW)?.address).filter((address) => address !== undefined)
}

test('every server has a form of a login and of a failure', () => {
  expect(Object.keys(LOGINS)).toEqual([...SERVERS])
  expect(Object.keys(FAILURES)).toEqual([...SERVERS, 'none'])
})

describe.each(Object.entries(LOGINS))('%s', (_server, login) => {
  test('a login of an ordinary name is seen', () => {
    expect(addresses(login('alice'))).toEqual([CLIENT])
  })
  test('a login yields the address of the client or none', () => {
    const check = fc.property(hostile, (user) => {
      expect([CLIENT, undefined]).toContain(addresses(login(user))[0])
    })
    fc.assert(check, { numRuns: 400 })
  })
  test('a user name that holds the rest of the line, cut there at 1024 bytes, yields nothing of it', () => {
    const mark = 'USER'
    const forged = T + login(mark).at(-1)!.replace(CLIENT, '6.6.6.6')
    const tail = forged.slice(forged.indexOf(mark) + mark.length)
    const user = 'x'.repeat(1024 - forged.indexOf(mark) - tail.length) + tail
    const matcher = new LogMatcher({})
    const seen = login(user).map((line) => matcher.match((T + line).slice(0, 1024), NOW)?.address)
    expect(seen).not.toContain('6.6.6.6')
  })
})

test.each(Object.entries(FAILURES))('%s: what is no login yields no address', (_server, failure) => {
  const check = fc.property(hostile, (user) => {
    expect(addresses(failure(user))).toEqual([])
  })
  fc.assert(check, { numRuns: 400 })
})

test('random text yields nothing or an event that is whole', () => {
  const matcher = new LogMatcher({})
  const check = fc.property(fc.array(piece, { maxLength: 30 }), (texts) => {
    const event = matcher.match(texts.join(''), NOW)
    if (!event) return
    expect(SERVERS).toContain(event.server)
    if (event.kind === 'end') expect(event.session).toBeTypeOf('string')
    else expect(isIP(event.address!)).toBeGreaterThan(0)
  })
  fc.assert(check, { numRuns: 1500 })
})

describe('a line that was cut in two, the second part chosen by the client', () => {
  /** Courier 5.0.13 with rsyslog, a failed login with a user name of 499 characters. */
  const first = `pop3d: LOGIN FAILED, user=${'A'.repeat(486)}`
  const rest = `pop3d: LOGIN, user=x, ip=[::ffff:${CLIENT}], port=[41461]`
  const heard = (...lines: string[]) => {
    const matcher = new LogMatcher({})
    return lines.map((line) => matcher.match(T + line, NOW)?.address)
  }

  test('is no login, and the next line is one again', () => {
    expect(heard(first, rest, rest)).toEqual([undefined, undefined, CLIENT])
    expect(heard(first, 'imapd: LOGOUT', rest.replace('pop3d', 'imapd'), rest)).toEqual([
      undefined,
      undefined,
      CLIENT,
      undefined,
    ])
  })

  test('is none in the journal', () => {
    const matcher = new LogMatcher({})
    const say = (line: string) =>
      matcher.matchMessage({ program: 'pop3d', pid: '7', message: line.slice('pop3d: '.length) }, NOW)?.address
    expect([first, rest, rest].map(say)).toEqual([undefined, undefined, CLIENT])
  })

  test('is none when it was cut at both ends', () => {
    const middle = `1257873470.070533 LOGIN, user=${'B'.repeat(240)}, ip=[6.6.6.6], port=[7], protocol=IMAP, maildir=`
    expect(heard(`pop3d: ${middle.padEnd(511, 'C')}`)).toEqual([undefined])
    const wide = `LOGIN, user=${'\u00e9'.repeat(228)}, ip=[6.6.6.6], port=[7], protocol=IMAP`
    expect(heard(`pop3d: ${wide}`)).toEqual([undefined])
  })

  test('is none after a cut that is longer than any line that is read', () => {
    expect(heard(`pop3d: ${'A'.repeat(9000)}`, rest)).toEqual([undefined, undefined])
  })
})

test("no line of Perdition's that matches is so long that a syslog daemon may have cut it", () => {
  const auth = (authorisation: number): string =>
    `perdition[6]: Auth: ${CLIENT}:2274->198.51.100.9:993 client-secure=ssl authorisation_id="${'b'.repeat(authorisation)}" authentication_id="${'a'.repeat(255)}" server="${'s'.repeat(255)}" protocol=IMAP4S server-secure=ssl status="ok"`
  expect(new LogMatcher({}).match(T + auth(64), NOW)?.address).toBe(CLIENT)
  expect(new LogMatcher({}).match(T + auth(255), NOW)).toBeUndefined()
})
