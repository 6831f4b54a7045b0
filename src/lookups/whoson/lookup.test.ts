import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Login } from '../../core/authorization.ts'
import type { Lookups, Users } from '../../core/lookups.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { configError, tempfail } from '../../lib/errors.ts'
import { lineOfDatagram } from '../../protocols/whoson/whoson.ts'
import { answerRequest, UNNAMED } from './lookup.ts'

const login = (user: string, lastSeen: number): Login => ({ user, lastSeen, source: 'test' })
const MAY: Readonly<Record<string, readonly Login[]>> = {
  '192.0.2.5': [login('carol', 5), login('alice', 9), login('bob', 7), login('', 10)],
  '2001:db8::5': [],
  '192.0.2.7': [login(`${'x'.repeat(200)}`, 1)],
  '192.0.2.8': [login('a\r\n\r\n+root\u001b[31m', 1)],
}
const table: Lookups & Users = {
  lookup: (client) =>
    client in MAY
      ? {
          action: 'permit',
          authorization: { key: client as never, expiresAt: 2, firstSeen: 1, lastSeen: 1, source: 'test' },
        }
      : { action: 'dunno' },
  logins: (key) => MAY[key]!,
}
const failing = (error: unknown): Lookups & Users => ({
  ...table,
  lookup: () => {
    throw error
  },
})
const answer = (request: string, lookups = table): string =>
  answerRequest(lookups, Buffer.from(request)).reply.toString()
const { vectors } = JSON.parse(readFileSync('test/vectors/whoson.json', 'utf8')) as {
  vectors: { request: string; reply: string }[]
}

test.each(vectors)('$request', ({ request, reply }) => {
  const { reply: bytes, last } = answerRequest(table, lineOfDatagram(Buffer.from(request))!)
  expect(bytes.toString()).toBe(reply)
  expect(last).toBe(request.startsWith('QUIT'))
})

test.each([
  ['the user seen last', 'QUERY 192.0.2.5', '+alice'],
  ['nobody named', 'QUERY 2001:db8::5', `+${UNNAMED}`],
  ['a mapped address', 'query ::ffff:192.0.2.5', '+alice'],
  ['a long name', 'QUERY 192.0.2.7', `+${'x'.repeat(79)}`],
  ['a name that would be more than a line', 'QUERY 192.0.2.8', '+a????+root?[31m'],
  ['a host name', 'QUERY c5.test', '-Not Logged in'],
  ['more than an address', 'QUERY 192.0.2.5 x', '-Not Logged in'],
  ['no address', 'QUERY', '*command parse error'],
  ['a login of no address', 'LOGIN c5.test bob', '*command parse error'],
  ['LIST', 'list', '*command not found'],
  ['LIST of something', 'LIST x', '*command parse error'],
])('%s: %j', (_, request, reply) => {
  expect(answer(request)).toBe(`${reply}\r\n\r\n`)
})

test.each([tempfail('DRAC_STORE_DOWN', 'no'), new TypeError('x is undefined'), configError('X', 'no')])(
  'try later: %s',
  (error) => {
    expect(answer('QUERY 192.0.2.5', failing(error))).toMatch(
      /^\*relay authorizations are not available[ -~]*\r\n\r\n$/,
    )
    expect(answer('QUERY c5.test', failing(error))).toBe('-Not Logged in\r\n\r\n')
  },
)

test('property: "+" only for QUERY of a spelling of an authorized address, and for QUIT', () => {
  const address = fc.stringMatching(/^\[?(IPv6:|::ffff:)?(192\.0\.2\.[456]|2001:(db8|DB8):0?:[456])\]?$/)
  const verb = fc.constantFrom('QUERY', 'query', 'LOGIN', 'LOGOUT', 'LIST', '')
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.tuple(verb, address).map(([word, text]) => `${word} ${text}`),
  )
  fc.assert(
    fc.property(line, (text) => {
      const client = /^query /i.test(text) ? clientOfKey(text.slice(6)) : undefined
      const may = client !== undefined && client in MAY
      expect(answer(text).startsWith('+')).toBe(may || /^quit ?$/i.test(text))
    }),
    { numRuns: 500 },
  )
})
