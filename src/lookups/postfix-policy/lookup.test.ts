import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lookups, Users } from '../../core/lookups.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { configError, malformed, tempfail } from '../../lib/errors.ts'
import { encodeRequest } from '../../protocols/postfix-policy/postfix-policy.ts'
import { answerRequest, type PolicyService } from './lookup.ts'
import { RelayCounter, type RelayLimits } from './relay-counter.ts'
import { limited, relayed } from './relayed.ts'

const MAY = new Set(['192.0.2.5', '2001:db8::5'])
const table: Lookups & Users = {
  lookup: (client) =>
    MAY.has(client)
      ? {
          action: 'permit',
          authorization: {
            key: (client.includes(':') ? '2001:db8::/64' : client) as never,
            expiresAt: 2,
            firstSeen: 1,
            lastSeen: 1,
            source: 'drac-rpc 127.0.0.1',
          },
        }
      : { action: 'dunno' },
  logins: (key) => ((key as string) === '192.0.2.5' ? [{ user: 'alice', source: 'test', lastSeen: 1 }] : []),
}
const failing = (error: unknown): Lookups & Users => ({
  ...table,
  lookup: () => {
    throw error
  },
})
function service(lookups = table, limits: RelayLimits = { messagesPerHour: 0, recipientsPerHour: 0 }): PolicyService {
  return { lookups, counter: new RelayCounter(() => 0), limits: () => limits }
}
function request(attributes: Record<string, string>): Buffer {
  const all = { request: 'smtpd_access_policy', protocol_state: 'RCPT', client_address: '192.0.2.5', ...attributes }
  return encodeRequest(new Map(Object.entries(all)))
}
const { vectors } = JSON.parse(readFileSync('test/vectors/postfix-policy.json', 'utf8')) as {
  vectors: { request: string; reply: string }[]
}

let published: unknown[] = []
const note = (message: unknown): void => void published.push(message)
beforeEach(() => {
  published = []
  relayed.subscribe(note)
  limited.subscribe(note)
})
afterEach(() => {
  relayed.unsubscribe(note)
  limited.unsubscribe(note)
})

test.each(vectors)('$reply to what Postfix sends', ({ request: bytes, reply }) => {
  expect(answerRequest(service(), Buffer.from(bytes))).toBe(reply)
})

test.each(['CONNECT', 'EHLO', 'HELO', 'MAIL', 'DATA', 'END-OF-MESSAGE', 'VRFY', 'ETRN', 'rcpt', '', 'RCPT '])(
  'an authorized client at %j: DUNNO, for an OK there would only switch off other rules',
  (protocol_state) => {
    expect(answerRequest(service(), request({ protocol_state }))).toBe('action=DUNNO\n\n')
    expect(published).toEqual([])
  },
)

test.each(['', 'unknown', 'c5.test', '192.0.2', '192.0.2.5 ', '192.0.2.6'])(
  'client_address=%j: DUNNO',
  (client_address) => {
    expect(answerRequest(service(), request({ client_address }))).toBe('action=DUNNO\n\n')
    expect(published).toEqual([])
  },
)

test('no state, no client: DUNNO; no policy request: no answer at all', () => {
  const bare = encodeRequest(new Map([['request', 'smtpd_access_policy']]))
  expect(answerRequest(service(), bare)).toBe('action=DUNNO\n\n')
  expect(() => answerRequest(service(), request({ request: 'junk' }))).toThrow(
    expect.objectContaining({ kind: 'malformed' }),
  )
})

test.each([tempfail('DRAC_STORE_DOWN', 'no\naction=OK'), new TypeError('x is undefined'), configError('X', 'no')])(
  'try later: %s',
  (error) => {
    expect(answerRequest(service(failing(error)), request({}))).toMatch(/^action=451 4\.3\.0 [ -~]+\n\n$/)
    expect(answerRequest(service(failing(malformed('X', 'no'))), request({}))).toBe('action=DUNNO\n\n')
    expect(answerRequest(service({ ...table, logins: failing(error).lookup as never }), request({}))).toMatch(
      /^action=451 /,
    )
    expect(published).toEqual([])
  },
)

test('a permit is published with its reason and who it was', () => {
  const about = { sender: 'a@example.org', recipient: 'x@example.com', queue_id: '4Bc' }
  answerRequest(service(), request(about))
  answerRequest(service(), request({ ...about, client_address: '2001:db8:0::5' }))
  const common = {
    source: 'drac-rpc 127.0.0.1',
    sender: 'a@example.org',
    recipient: 'x@example.com',
    queueId: '4Bc',
    expiresAt: 2,
  }
  expect(published).toEqual([
    { ...common, client: '192.0.2.5', key: '192.0.2.5', user: 'alice' },
    { ...common, client: '2001:db8::5', key: '2001:db8::/64' },
  ])
})

test('limits are answered with a deferral that says so, and change with the settings', () => {
  let limits: RelayLimits = { messagesPerHour: 1, recipientsPerHour: 2 }
  const limiting = { ...service(), limits: () => limits }
  const ask = (instance: string, recipient: string): string => answerRequest(limiting, request({ instance, recipient }))
  expect(ask('m1', 'x')).toBe('action=OK\n\n')
  expect(ask('m2', 'x')).toBe(
    'action=450 4.7.1 relay limit for 192.0.2.5 reached: 1 messages per hour, try again later\n\n',
  )
  expect(ask('m1', 'y')).toBe('action=OK\n\n')
  expect(ask('m1', 'z')).toBe(
    'action=450 4.7.1 relay limit for 192.0.2.5 reached: 2 recipients per hour, try again later\n\n',
  )
  expect(published.at(-1)).toMatchObject({ reached: 'recipients', perHour: 2, user: 'alice', recipient: 'z' })
  limits = { messagesPerHour: 0, recipientsPerHour: 0 }
  expect(ask('m2', 'x')).toBe('action=OK\n\n')
})

test('an address that may not relay is never counted', () => {
  const limiting = service(table, { messagesPerHour: 1, recipientsPerHour: 1 })
  for (let i = 0; i < 5; i++) answerRequest(limiting, request({ client_address: '192.0.2.6', instance: `m${i}` }))
  expect(limiting.counter.size).toBe(0)
})

test('property: OK only at RCPT and for a spelling of an authorized address', () => {
  const state = fc.oneof(fc.constantFrom('RCPT', 'MAIL', 'DATA'), fc.stringMatching(/^[ -~]{0,8}$/))
  const address = fc.stringMatching(/^\[?(IPv6:|::ffff:)?(192\.0\.2\.[456]|2001:(db8|DB8):0?:[456])\]?$/)
  const any = fc.oneof(
    address,
    fc.ipV6(),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
  )
  fc.assert(
    fc.property(state, any, any, (protocol_state, client_address, recipient) => {
      const client = clientOfKey(client_address)
      const may = protocol_state === 'RCPT' && client !== undefined && MAY.has(client)
      const reply = answerRequest(service(), request({ protocol_state, client_address, recipient }))
      expect(reply).toBe(`action=${may ? 'OK' : 'DUNNO'}\n\n`)
    }),
    { numRuns: 500 },
  )
})
