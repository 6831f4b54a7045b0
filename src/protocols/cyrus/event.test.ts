import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_MESSAGE_BYTES, MessageReader } from './dlist.ts'
import { type AccessEvent, decodeEvent } from './event.ts'
import { decodeNotification, encodeAnswer, encodeNotification } from './notification.ts'
import { parseProc, parseProcLine } from './proc.ts'

interface Golden extends AccessEvent {
  readonly wire: string
}
const { notifications, proc } = JSON.parse(readFileSync('test/vectors/cyrus.json', 'utf8')) as {
  notifications: Golden[]
  proc: { line: string; shows: ReturnType<typeof parseProcLine> | null }[]
}
const malformed = expect.objectContaining({ kind: 'malformed' })
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const LOGIN = { event: 'Login', service: 'imap', clientIP: '192.0.2.5', user: 'alice', 'vnd.cmu.sessionId': 'cyrus-1' }
const decode = (more: object): AccessEvent | undefined =>
  decodeEvent(Buffer.from(JSON.stringify({ ...LOGIN, ...more })))

test.each(notifications)('golden: $type of $user from $client', ({ wire, ...event }) => {
  const notification = decodeNotification(bytes(wire.slice(0, -2)))
  expect(notification).toMatchObject({ method: 'drac', class: 'EVENT' })
  expect(decodeEvent(notification.message)).toEqual(event)
  expect(encodeNotification(notification).toString('latin1')).toBe(wire)
})

test('notify_external is handed the same JSON', () => {
  const sample = readFileSync('test/libdrac/cyrus-notify_external.txt', 'utf8')
  const events = sample.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  const types = events.map((line) => decodeEvent(Buffer.from(line))?.type)
  expect(types.filter((type) => type === 'login').length).toBeGreaterThan(3)
  expect(types).not.toContain(undefined)
})

test('the message may be quoted; other classes and methods are read as well', () => {
  const wire = 'NOTIFY %(METHOD "m x" CLASS SIEVE PRIORITY NIL OPTIONS ("a" b) MESSAGE "{\\"event\\":\\"Login\\"}")'
  expect(decodeNotification(bytes(wire))).toEqual({
    method: 'm x',
    class: 'SIEVE',
    message: Uint8Array.from(bytes('{"event":"Login"}')),
  })
  expect(encodeAnswer('OK')).toBe('OK ()\r\n')
})

test.each([
  ['unsupported', 'APPLY %(A b)'],
  ['malformed', 'NOTIFY (A b)'],
  ['malformed', 'NOTIFY x'],
  ['malformed', 'NOTIFY %(CLASS EVENT MESSAGE (a))'],
  ['malformed', 'NOTIFY %(MESSAGE {1+}\r\na MESSAGE {1+}\r\nb)'],
])('%s: %j', (kind, wire) => {
  expect(() => decodeNotification(bytes(wire))).toThrow(expect.objectContaining({ kind }))
})

test.each([
  ['another event', { event: 'AclChange' }],
  ['an event in other letters', { event: 'login' }],
  ['sieve', { service: 'sieve' }],
  ['lmtp', { service: 'lmtpunix' }],
  ['no service', { service: undefined }],
  ['a service that is no name', { service: 'imap x' }],
])('nothing for %s', (_, more) => {
  expect(decode(more)).toBeUndefined()
})

test('imaps and pop3s are imap and pop3; a mapped address is IPv4; what is too long or no text is left out', () => {
  expect(decode({ service: 'imaps' })?.service).toBe('imap')
  expect(decode({ service: 'pop3s', clientIP: '::ffff:192.0.2.7' })).toMatchObject({
    service: 'pop3',
    client: '192.0.2.7',
  })
  const event = decode({ user: 'u'.repeat(257), 'vnd.cmu.sessionId': 7 })
  expect(event).toEqual({ type: 'login', service: 'imap', client: '192.0.2.5' })
})

test.each([
  ['no clientIP, as without event_extra_params', { clientIP: undefined }],
  ['a host name', { clientIP: 'c5.test' }],
  ['two addresses', { clientIP: '192.0.2.5 192.0.2.6' }],
  ['a scope', { clientIP: 'fe80::1%lo' }],
  ['a number', { clientIP: 3221225989 }],
  ['a list', { clientIP: ['192.0.2.5'] }],
])('malformed: %s', (_, more) => {
  expect(() => decode(more)).toThrow(malformed)
})

test.each(['', 'null', '[]', '"x"', '{', '{"event":"Login"', '{} {}', '{"event":"Login"}{"event":"Login"}'])(
  '%j is no event',
  (json) => {
    expect(() => decodeEvent(Buffer.from(json))).toThrow(malformed)
  },
)

test('property: no user name changes the address or makes a second message', () => {
  const evil = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }),
    fc
      .array(fc.constantFrom('"', '\\', ',', '"clientIP":"192.0.2.66"', '{3+}\r\n', '%(', ')', '\r\n', ' '), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(evil, (user) => {
      const message = Buffer.from(JSON.stringify({ ...LOGIN, user }))
      const got = [...new MessageReader().push(encodeNotification({ method: 'drac', class: 'EVENT', message }))]
      expect(got).toHaveLength(1)
      const event = decodeEvent(decodeNotification(got[0]!).message)!
      expect(event.client).toBe('192.0.2.5')
      expect(event.user).toBe(Buffer.from(user).toString())
    }),
  )
})

test('property: any bytes for an event are one, nothing, or malformed', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map((json) => Buffer.from(json)),
        fc.uint8Array(),
      ),
      (json) => {
        try {
          expect(decodeEvent(json)).toBeUndefined()
        } catch (error) {
          expect(error).toMatchObject({ kind: 'malformed' })
        }
      },
    ),
  )
})

test('an event fits twenty times into a message', () => {
  for (const { wire } of notifications) expect(wire.length).toBeLessThan(MAX_MESSAGE_BYTES / 20)
})

test.each(proc)('cyr_info proc: $line', ({ line, shows }) => {
  expect(parseProcLine(line) ?? null).toEqual(shows)
})

test.each([
  ['an address in the user', '5 imap [192.0.2.5] [192.0.2.66] user.x', '192.0.2.5'],
  ['a user with a space', '5 imap [192.0.2.5] we ird [192.0.2.66]', '192.0.2.5'],
  ['a mailbox like a line', '5 imap c5.test [192.0.2.5] a 6 imap [192.0.2.66] b', '192.0.2.5'],
  ['a mapped address', '5 imaps [::ffff:192.0.2.5] a', '192.0.2.5'],
  ['nobody logged in, and a mailbox', '5 imap [192.0.2.5]  [192.0.2.66] x', undefined],
  ['nobody logged in', '5 imap [192.0.2.5]', undefined],
  ['a command of nobody', '5 imap [192.0.2.5]   Authenticate', undefined],
  ['a name with brackets', '5 imap x[192.0.2.66]y [192.0.2.5] a', undefined],
  ['a name with a space', '5 imap a b [192.0.2.5] u', undefined],
  ['a unix socket', '5 imap [local] a', undefined],
  ['no address', '5 imap c5.test a', undefined],
  ['half an address', '5 imap [192.0.2] a', undefined],
  ['another service', '5 sieve [192.0.2.5] a', undefined],
  ['delivery', '5 lmtpunix [unix socket] a', undefined],
  ['no number', 'x imap [192.0.2.5] a', undefined],
  ['a line that is cut', '5 imap [192.0.2.5', undefined],
])('cyr_info proc, %s: %j', (_, line, client) => {
  expect(parseProcLine(line)?.client).toBe(client)
})

test('cyr_info proc: the whole output, and a line of 1 MiB', () => {
  expect(parseProc(proc.map(({ line }) => `${line}\n`).join(''))).toHaveLength(3)
  expect(parseProcLine(`5 imap ${'x'.repeat(1 << 20)}`)).toBeUndefined()
  expect(parseProcLine(`5 imap [192.0.2.5] a ${'x'.repeat(1 << 20)}`)?.client).toBe('192.0.2.5')
})
