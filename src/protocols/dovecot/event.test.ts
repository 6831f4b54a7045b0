import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEvent } from './event.ts'

const BODIES = readFileSync('test/vectors/dovecot-events.txt', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
const decode = (body: unknown) => decodeEvent(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const malformed = expect.objectContaining({ kind: 'malformed' })
const FIELDS = { success: 'yes', service: 'pop3', session: 'K2mAgOFgYcXAAAIK', remote_ip: '192.0.2.10', user: 'u0' }
const LOGIN = { event: 'auth_request_finished', end_time: '2026-11-22T18:18:20.071438Z', fields: FIELDS }
const END = { event: 'mail_user_session_finished', fields: { session: FIELDS.session } }

test('what Dovecot sent: logins and their ends, joined by the session; none for "doveadm auth test"', () => {
  const events = BODIES.map(decode)
  expect(events.slice(0, 2)).toEqual([
    {
      kind: 'login',
      login: { client: '192.0.2.10', session: 'K2mAgOFgYcXAAAIK', user: 'u0', at: 1795371500 },
    },
    { kind: 'end', end: { session: 'K2mAgOFgYcXAAAIK', at: 1795371500 } },
  ])
  const told = events.slice(0, -1)
  expect(
    told.filter((event) => event?.kind === 'login').map((event) => event?.kind === 'login' && event.login.client),
  ).toEqual(['192.0.2.10', '192.0.2.10', '192.0.2.10', '2001:db8::5', '192.0.2.7'])
  expect(told.filter((event) => event?.kind === 'end')).toHaveLength(4)
  expect(events.at(-1)).toBeUndefined()
})

test('every truncation is malformed', () => {
  const whole = Buffer.from(BODIES[0]!)
  for (let n = 0; n < whole.length; n++) expect(() => decodeEvent(whole.subarray(0, n))).toThrow(malformed)
})

test.each([
  ['a failed login, which has no success', { ...LOGIN, fields: { ...FIELDS, success: undefined } }],
  [
    'an anonymous login, whatever its user is called',
    { ...LOGIN, fields: { ...FIELDS, mechanism: 'ANONYMOUS', user: 'guest' } },
  ],
  ['success of another type', { ...LOGIN, fields: { ...FIELDS, success: true } }],
  ['submission', { ...LOGIN, fields: { ...FIELDS, service: 'smtp' } }],
  ['no service', { ...LOGIN, fields: { ...FIELDS, service: undefined } }],
  ['no session', { ...LOGIN, fields: { ...FIELDS, session: undefined } }],
  ['another event', { ...LOGIN, event: 'imap_command_finished' }],
  ['another event without fields', { event: 'x' }],
  ['the end of no session', { ...END, fields: {} }],
])('%s tells of nothing', (_, body) => {
  expect(decode(body)).toBeUndefined()
})

test.each([
  ['no name', { fields: FIELDS }],
  ['no fields', { event: 'auth_request_finished' }],
  ['fields that are a list', { ...LOGIN, fields: [] }],
  ['a login without an address', { ...LOGIN, fields: { ...FIELDS, remote_ip: undefined } }],
  ['a login from what is no address', { ...LOGIN, fields: { ...FIELDS, remote_ip: '192.0.2.10 ' } }],
  ['a list', [LOGIN]],
])('%s is malformed', (_, body) => {
  expect(() => decode(body)).toThrow(malformed)
})

test('the time is that of the end, in either format; one that cannot be read is none', () => {
  const at = (end_time: unknown) => {
    const event = decode({ ...LOGIN, end_time })
    return event?.kind === 'login' ? event.login.at : 'no login'
  }
  expect(at(1795371500.9)).toBe(1795371500)
  for (const none of [undefined, '', 'yesterday', 0, -1, null, {}]) expect(at(none)).toBeUndefined()
})

test('property: any JSON is an event, nothing or malformed', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        expect(decode(text)).toBeUndefined()
      } catch (error) {
        expect(error).toEqual(malformed)
      }
    }),
  )
})
