import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeReport } from './policy.ts'

const BODIES = readFileSync('test/vectors/dovecot-policy.txt', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
const decode = (body: unknown) => decodeReport(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const malformed = expect.objectContaining({ kind: 'malformed' })
const LOGIN = {
  login: 'alice',
  protocol: 'imap',
  remote: '192.0.2.5',
  session_id: 'm63DUiFhp6DAAAIF',
  success: true,
  policy_reject: false,
  tls: false,
}

describe('what Dovecot sent', () => {
  test('thirteen logins with names that look like log lines, and one from a trusted proxy', () => {
    const logins = BODIES.map(decode)
    expect(logins.filter((login) => login !== undefined).map(({ client }) => client)).toEqual([
      '192.0.2.10',
      '192.0.2.10',
      '2001:db8::5',
      ...Array(10).fill('192.0.2.11'),
      '192.0.2.7',
    ])
    expect(logins[2]).toEqual({
      client: '2001:db8::5',
      session: '9IsCEOFgB6wgAQ24AAAAAAAAAAAAAAAF',
      user: 'alice',
    })
    expect(logins[6]?.user).toBe('x>, rip=1.2.3.4, lip=5.6.7.8')
  })

  test('failed logins and "doveadm auth test" tell of nobody', () => {
    const none = BODIES.filter((body) => body.includes('"success":false') || body.includes('"session_id":""'))
    expect(none).toHaveLength(3)
    for (const body of none) expect(decode(body)).toBeUndefined()
  })

  test('every truncation is malformed', () => {
    const whole = Buffer.from(BODIES[0]!)
    for (let n = 0; n < whole.length; n++) expect(() => decodeReport(whole.subarray(0, n))).toThrow(malformed)
  })
})

test.each([
  ['a login that the policy refuses', { policy_reject: true }],
  ['submission', { protocol: 'smtp' }],
  ['submission by its other name', { protocol: 'submission' }],
  ['LMTP', { protocol: 'lmtp' }],
  ['ManageSieve', { protocol: 'sieve' }],
  ['no protocol', { protocol: undefined }],
  ['a protocol that only begins so', { protocol: 'imap-urlauth' }],
  ['a list of protocols', { protocol: ['imap'] }],
  ['no session', { session_id: undefined }],
  ['a session that is no text', { session_id: 7 }],
])('%s opens nothing', (_, fields) => {
  expect(decode({ ...LOGIN, ...fields })).toBeUndefined()
})

test.each([
  ['success as a text', { ...LOGIN, success: 'yes' }],
  ['success as a number', { ...LOGIN, success: 1 }],
  ['no success: what an allow request lacks', { ...LOGIN, success: undefined }],
  ['no remote', { ...LOGIN, remote: undefined }],
  ['a host name for remote', { ...LOGIN, remote: 'client.test' }],
  ['a network', { ...LOGIN, remote: '192.0.2.0/24' }],
  ['a scope', { ...LOGIN, remote: 'fe80::1%eth0' }],
  ['an octal quad', { ...LOGIN, remote: '192.0.2.05' }],
  ['a session id of 257 characters', { ...LOGIN, session_id: 'x'.repeat(257) }],
  ['a list', [LOGIN]],
  ['null', null],
  ['two objects', `${JSON.stringify(LOGIN)}${JSON.stringify(LOGIN)}`],
  ['nothing', ''],
])('%s is malformed', (_, body) => {
  expect(() => decode(body)).toThrow(malformed)
})

test('bytes that are not UTF-8 are malformed', () => {
  expect(() => decodeReport(Buffer.from(JSON.stringify(LOGIN).replace('alice', 'al\xffice'), 'latin1'))).toThrow(
    malformed,
  )
})

test('a long name is cut, an empty one is none', () => {
  expect(decode({ ...LOGIN, login: 'a'.repeat(1000) })?.user).toHaveLength(256)
  expect(decode({ ...LOGIN, login: '' })).toEqual({ client: '192.0.2.5', session: LOGIN.session_id })
})

test('property: any name comes back as it is, and changes nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (login) => {
      expect(decode({ ...LOGIN, login })).toEqual({ client: '192.0.2.5', session: LOGIN.session_id, user: login })
    }),
  )
})

test('property: any bytes and any JSON are a login, nothing or malformed', () => {
  const text = fc.oneof(fc.json(), fc.uint8Array({ maxLength: 200 }))
  fc.assert(
    fc.property(text, (given) => {
      try {
        expect(decodeReport(Buffer.from(given as string))).toBeUndefined()
      } catch (error) {
        expect(error).toEqual(malformed)
      }
    }),
  )
})
