import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeReply,
  decodeRequest,
  encodeList,
  encodeReply,
  encodeRequest,
  lineOfDatagram,
  MAX_IDENTITY_BYTES,
  type Request,
} from './whoson.ts'

const { vectors } = JSON.parse(readFileSync('test/vectors/whoson.json', 'utf8')) as {
  vectors: { request: string; decoded: Request; reply: string }[]
}
const malformed = expect.objectContaining({ kind: 'malformed', message: 'command parse error' })

test.each(vectors)('golden, four directions: $request', ({ request, decoded, reply }) => {
  expect(decodeRequest(lineOfDatagram(Buffer.from(request))!)).toEqual(decoded)
  expect(encodeRequest(decoded).toString()).toBe(request)
  expect(encodeReply(decodeReply(Buffer.from(reply))).toString()).toBe(reply)
})

test.each([
  'LOGIN',
  'LOGIN ',
  'LOGIN c5.test bob',
  'LOGOUT',
  'LOGOUT 192.0.2',
  'LOGOUT 192.0.2.5 x',
  'QUERY',
  'QUERY ',
  'QUIT now',
  'LIST all',
])('%j is a parse error', (text) => {
  expect(() => decodeRequest(Buffer.from(text))).toThrow(malformed)
})

test.each(['', ' ', 'LISTS', 'HELP', 'QUERYX 192.0.2.5', '\0'])('%j is no command', (text) => {
  expect(() => decodeRequest(Buffer.from(text))).toThrow(
    expect.objectContaining({ kind: 'unsupported', message: 'command not found' }),
  )
})

test('verbs in any case, addresses in any spelling, identities without control characters', () => {
  expect(decodeRequest(Buffer.from('login ::ffff:192.0.2.5  a\tb \u009b31m'))).toEqual({
    verb: 'LOGIN',
    client: '192.0.2.5',
    identity: ' a?b ?31m',
  })
  expect(decodeRequest(Buffer.from('Query [2001:DB8::5]'))).toEqual({ verb: 'QUERY', key: '[2001:DB8::5]' })
})

test.each([
  '',
  '\r\n',
  '\n\nQUERY 192.0.2.5',
  '+alice',
  '-Not Logged in\r\n\r\n',
  '*command not found',
  'x'.repeat(1473),
])('a datagram that is answered by silence: %j', (text) => {
  expect(lineOfDatagram(Buffer.from(text))).toBeUndefined()
})

test('a reply is cut to what Exim takes, between characters', () => {
  const reply = encodeReply({ status: '+', text: `${'x'.repeat(MAX_IDENTITY_BYTES - 1)}é` })
  expect(reply.toString()).toBe(`+${'x'.repeat(MAX_IDENTITY_BYTES - 1)}\r\n\r\n`)
  expect(() => decodeReply(Buffer.from('alice'))).toThrow(expect.objectContaining({ kind: 'malformed' }))
})

test('a list is a line for each row, whatever is in it', () => {
  expect(encodeList(['entries 2', 'a\r\n\r\nb']).toString()).toBe('+entries 2\r\na????b\r\n\r\n')
})

test('property: a reply is one line whatever the text; it comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('+', '-', '*'), (text, status) => {
      const wire = encodeReply({ status, text })
      expect(wire.length).toBeLessThanOrEqual(1 + MAX_IDENTITY_BYTES + 4)
      const reply = decodeReply(wire)
      expect(reply.status).toBe(status)
      expect(encodeReply(reply)).toEqual(wire)
    }),
  )
})

test('property: any bytes are a request, malformed or unsupported', () => {
  const text = fc
    .stringMatching(/^(LOGIN|LOGOUT|QUERY|QUIT|LIST|query) ?[ -~é]{0,20}$/)
    .map((line) => Buffer.from(line))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), text), (bytes) => {
      try {
        const request = decodeRequest(bytes)
        expect(decodeRequest(lineOfDatagram(encodeRequest(request))!)).toMatchObject({ verb: request.verb })
      } catch (error) {
        expect(['malformed', 'unsupported']).toContain((error as { kind?: string }).kind)
      }
    }),
    { numRuns: 1_000 },
  )
})
