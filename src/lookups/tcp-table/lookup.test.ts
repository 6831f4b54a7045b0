import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Lookups } from '../../core/lookups.ts'
import type { Verdict } from '../../core/verdict.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { configError, malformed, tempfail } from '../../lib/errors.ts'
import { answerRequest } from './lookup.ts'

const MAY = new Set(['192.0.2.5', '2001:db8::5'])
const permit: Verdict = {
  action: 'permit',
  authorization: { key: '192.0.2.5' as never, expiresAt: 2, firstSeen: 1, lastSeen: 1, source: 'test' },
}
const table: Lookups = { lookup: (client) => (MAY.has(client) ? permit : { action: 'dunno' }) }
const failing = (error: unknown): Lookups => ({
  lookup: () => {
    throw error
  },
})
const answer = (request: string, lookups = table): string => answerRequest(lookups, Buffer.from(request))
const { vectors } = JSON.parse(readFileSync('test/vectors/tcp-table.json', 'utf8')) as {
  vectors: { request: string; reply: string }[]
}

test.each(vectors)('$request', ({ request, reply }) => {
  expect(answer(request.slice(0, -1))).toBe(reply)
})

test.each([
  ['a mapped address', 'get ::ffff:192.0.2.5', '200 OK\n'],
  ['sendmail’s spelling', 'get IPv6:2001:db8:0:0:0:0:0:5', '200 OK\n'],
  ['quoted colons', 'get 2001%3adb8%3A%3a5', '200 OK\n'],
  ['brackets', 'get [192.0.2.5]', '200 OK\n'],
  ['a network', 'get 192.0.2', '500 not found\n'],
  ['an empty key', 'get ', '500 not found\n'],
  ['two keys', 'get 192.0.2.5 192.0.2.5', '500 not found\n'],
  ['a quoted newline after the address', 'get 192.0.2.5%0a', '500 not found\n'],
  ['put', 'put 192.0.2.6 OK', '500 only get is served\n'],
  ['nothing', '', '500 not found\n'],
])('%s: %j', (_, request, reply) => {
  expect(answer(request)).toBe(reply)
})

test.each([tempfail('DRAC_STORE_DOWN', 'no'), new TypeError('x is undefined'), configError('X', 'no')])(
  'try later: %s',
  (error) => {
    expect(answer('get 192.0.2.5', failing(error))).toMatch(/^400 [ -~]+\n$/)
    expect(answer('get c5.test', failing(error))).toBe('500 not found\n')
    expect(answer('get 192.0.2.5', failing(malformed('X', 'no')))).toBe('500 not found\n')
  },
)

test('property: no key but a spelling of an authorized address is permitted', () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.ipV4(),
    fc.ipV6(),
    fc.stringMatching(/^\[?(IPv6:|::ffff:)?(192\.0\.2\.[456]|2001:(db8|DB8):0?:[456])\]?$/),
  )
  fc.assert(
    fc.property(key, (text) => {
      const permitted = answer(`get ${text}`) === '200 OK\n'
      if (permitted) expect(MAY).toContain(clientOfKey(text) ?? clientOfKey(decodeURIComponent(text)))
      else expect(MAY).not.toContain(clientOfKey(text))
    }),
    { numRuns: 500 },
  )
})
