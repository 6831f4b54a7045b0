import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeWho, encodeWhoRequest } from './who.ts'

const golden = JSON.parse(readFileSync('test/vectors/dovecot-who.json', 'utf8')) as Record<
  'oneByOne' | 'grouped' | 'httpGrouped' | 'httpOneByOne' | 'httpError',
  string
>
const decode = (body: unknown) => decodeWho(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const malformed = expect.objectContaining({ kind: 'malformed' })
const ONE = { username: 'alice', service: 'imap', pid: '13', ip: '192.0.2.5' }

test.each(['oneByOne', 'httpOneByOne'] as const)('golden, %s: a connection for each process, unmapped', (form) => {
  expect(decode(golden[form])).toEqual([
    { id: 'bob imap 192.0.2.7 18', client: '192.0.2.7', user: 'bob' },
    { id: 'alice imap 192.0.2.5 13', client: '192.0.2.5', user: 'alice' },
    { id: 'alice imap 2001:db8::5 15', client: '2001:db8::5', user: 'alice' },
  ])
})

test('golden, httpGrouped: a connection for each address of a user', () => {
  expect(decode(golden.httpGrouped)).toEqual([
    { id: 'alice imap 192.0.2.5', client: '192.0.2.5', user: 'alice' },
    { id: 'alice imap 2001:db8::5', client: '2001:db8::5', user: 'alice' },
    { id: 'bob imap 192.0.2.7', client: '192.0.2.7', user: 'bob' },
  ])
})

test('what doveadm prints without -1 is no JSON, and an error of the API no list', () => {
  expect(() => decode(golden.grouped)).toThrow(malformed)
  expect(() => decode(golden.httpError)).toThrow(/unknownMethod/)
})

test('nobody is connected', () => {
  for (const none of ['[]', '[["doveadmResponse",[],"drac"]]']) expect(decode(none)).toEqual([])
})

test('every truncation is malformed: none is taken for a shorter list', () => {
  for (const text of [golden.oneByOne, golden.httpGrouped, golden.httpOneByOne])
    for (let n = 0; n < text.length; n++) expect(() => decode(text.slice(0, n)), text.slice(0, n)).toThrow(malformed)
})

test.each([
  ['another protocol', { service: 'lmtp' }],
  ['a name that only begins so', { service: 'imap-hibernate2' }],
  ['no address: a connection of the host itself', { ip: '' }],
])('%s is left out', (_, fields) => {
  expect(
    decode([
      { ...ONE, ...fields },
      { ...ONE, pid: '14' },
    ]),
  ).toEqual([{ id: 'alice imap 192.0.2.5 14', client: '192.0.2.5', user: 'alice' }])
})

test.each([
  ['no service', [{ ...ONE, service: undefined }]],
  ['an address that is none', [{ ...ONE, ip: 'client.test' }]],
  ['a missing address', [{ ...ONE, ip: undefined }]],
  ['a number for an address', [{ ...ONE, ip: 3221226021 }]],
  ['addresses without parentheses', [{ ...ONE, ips: '192.0.2.5' }]],
  ['addresses in two pairs of them', [{ ...ONE, ips: '(192.0.2.5) (192.0.2.6)' }]],
  ['an address in the list that is none', [{ ...ONE, ips: '(192.0.2.5 x)' }]],
  ['a list of texts', ['alice']],
  ['an object', ONE],
  [
    'two answers',
    [
      ['doveadmResponse', [], 'drac'],
      ['doveadmResponse', [], 'drac'],
    ],
  ],
  ['an answer to another request', [['doveadmResponse', [], 'other']]],
  ['an answer without its tag', [['doveadmResponse', []]]],
])('%s is malformed', (_, body) => {
  expect(() => decode(body)).toThrow(malformed)
})

test('the request asks for single connections, and its answer is known by the tag', () => {
  expect(encodeWhoRequest()).toBe('[["who",{"separateConnections":true},"drac"]]')
})

test('property: two connections that differ have two names, whatever users are called', () => {
  const each = fc.record({
    username: fc.string({ unit: fc.constantFrom('a', ' ', 'imap', '1', '.') }),
    service: fc.constantFrom('imap', 'pop3'),
    pid: fc.constantFrom('1', '11'),
    ip: fc.constantFrom('1.1.1.1', '1.1.1.11', '::1'),
  })
  fc.assert(
    fc.property(each, each, (a, b) => {
      const [one, other] = decode([a, b])
      expect(one!.id === other!.id).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
  )
})

test('property: any JSON is a list or malformed', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        expect(decode(text)).toEqual([])
      } catch (error) {
        expect(error).toEqual(malformed)
      }
    }),
  )
})
