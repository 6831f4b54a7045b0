import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Lookups } from '../../core/lookups.ts'
import type { Verdict } from '../../core/verdict.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { configError, tempfail } from '../../lib/errors.ts'
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
const { vectors } = JSON.parse(readFileSync('test/vectors/readsocket.json', 'utf8')) as {
  vectors: { request: string; reply: string }[]
}

test.each(vectors)('$request', ({ request, reply }) => {
  expect(answer(request.slice(0, -1))).toBe(reply)
})

test.each([
  ['a mapped address', 'check ::ffff:192.0.2.5', 'yes\n'],
  ['another spelling', 'check 2001:DB8:0::5', 'yes\n'],
  ['a host name', 'check c5.test', 'no\n'],
  ['no address', 'check', 'no\n'],
  ['more than an address', 'check 192.0.2.5 192.0.2.5', 'no\n'],
  ['a command that is not ours', 'query 192.0.2.5', 'temp\n'],
  ['nothing', '', 'temp\n'],
])('%s: %j', (_, request, reply) => {
  expect(answer(request)).toBe(reply)
})

test.each([tempfail('DRAC_STORE_DOWN', 'no'), new TypeError('x is undefined'), configError('X', 'no')])(
  'try later: %s',
  (error) => {
    expect(answer('check 192.0.2.5', failing(error))).toBe('temp\n')
    expect(answer('check c5.test', failing(error))).toBe('no\n')
  },
)

test('property: no line but "check" and a spelling of an authorized address is permitted', () => {
  const address = fc.stringMatching(/^\[?(IPv6:|::ffff:)?(192\.0\.2\.[456]|2001:(db8|DB8):0?:[456])\]?$/)
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.ipV6(),
    address.map((text) => `check ${text}`),
    address,
  )
  fc.assert(
    fc.property(line, (text) => {
      const client = text.startsWith('check ') ? clientOfKey(text.slice(6)) : undefined
      expect(answer(text) === 'yes\n').toBe(client !== undefined && MAY.has(client))
    }),
    { numRuns: 500 },
  )
})
