import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from './postfix-policy.ts'
import { MAX_REQUEST_BYTES, RequestReader } from './request-reader.ts'

const { vectors } = JSON.parse(readFileSync('test/vectors/postfix-policy.json', 'utf8')) as {
  vectors: { by: string; request: string; reply: string }[]
}
const malformed = expect.objectContaining({ kind: 'malformed' })
const HEAD = 'request=smtpd_access_policy\n'

test.each(vectors)('golden, four directions: $reply to $by', ({ request, reply }) => {
  const attributes = decodeRequest(Buffer.from(request))
  expect(attributes.size).toBe(29)
  expect(attributes.get('instance')).toMatch(/^[\da-f]+\.[\da-f]+\.[\da-f]+\.0$/)
  expect(attributes.get('recipient')).toMatch(/^[xy]@example\.com$/)
  expect(encodeRequest(attributes).toString()).toBe(request)
  expect(encodeReply(decodeReply(Buffer.from(reply))).toString()).toBe(reply)
})

test('every truncation of a request is malformed', () => {
  const whole = Buffer.from(vectors[0]!.request)
  for (let n = 0; n < whole.length; n++) expect(() => decodeRequest(whole.subarray(0, n))).toThrow(malformed)
})

test.each([
  ['nothing', '\n'],
  ['another request', 'request=other\n\n'],
  ['no request', 'client_address=192.0.2.5\n\n'],
  ['a line without =', `${HEAD}client_address\n\n`],
  ['a line without a name', `${HEAD}=x\n\n`],
  ['= in the next line only', `${HEAD}x\ny=z\n\n`],
  ['a name that comes twice', `${HEAD}client_address=192.0.2.6\nclient_address=192.0.2.5\n\n`],
  ['more after the end', `${HEAD}\n\n`],
  ['a hundred and one attributes', `${HEAD}${Array.from({ length: 100 }, (_, i) => `a${i}=\n`).join('')}\n`],
])('%s is malformed', (_, text) => {
  expect(() => decodeRequest(Buffer.from(text))).toThrow(malformed)
})

test('values may be empty, hold = and UTF-8', () => {
  const attributes = decodeRequest(Buffer.from(`${HEAD}queue_id=\nsender=a=b@exämple.org\n\n`))
  expect(attributes.get('queue_id')).toBe('')
  expect(attributes.get('sender')).toBe('a=b@exämple.org')
  expect(() => encodeRequest(new Map([['sender', 'a\nrequest=x']]))).toThrow(malformed)
})

test('the reader takes requests in any chunking, and 16 KiB at most', () => {
  const wire = Buffer.from(vectors.map(({ request }) => request).join(''))
  for (const size of [1, 2, 100, wire.length]) {
    const reader = new RequestReader()
    const seen: string[] = []
    for (let at = 0; at < wire.length; at += size) {
      for (const request of reader.push(wire.subarray(at, at + size))) seen.push(Buffer.from(request).toString())
    }
    expect(seen).toEqual(vectors.map(({ request }) => request))
    expect(reader.pending).toBe(false)
  }
  const reader = new RequestReader()
  expect([...reader.push(Buffer.alloc(MAX_REQUEST_BYTES, 'x'))]).toEqual([])
  expect(reader.pending).toBe(true)
  expect(() => [...reader.push(Buffer.from('x'))]).toThrow(malformed)
  expect(() => [...new RequestReader().push(Buffer.from(`${'x'.repeat(MAX_REQUEST_BYTES)}\n\n`))]).toThrow(malformed)
})

test('property: attributes come back as they were; no action can end its line', () => {
  const name = fc.stringMatching(/^[a-z_]{1,20}$/).filter((text) => text !== 'request')
  const value = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '))
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 20 }), fc.string({ unit: 'binary' }), (given, action) => {
      const attributes = new Map([['request', 'smtpd_access_policy'], ...Object.entries(given)])
      const wire = encodeRequest(attributes)
      expect([...new RequestReader().push(wire)]).toHaveLength(1)
      expect(decodeRequest(wire)).toEqual(attributes)
      expect(encodeReply(action).toString('latin1')).toMatch(/^action=[ -~]*\n\n$/)
    }),
  )
})

test('property: any bytes are a request or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, headed) => {
      try {
        decodeRequest(headed ? Buffer.concat([Buffer.from(HEAD), bytes, Buffer.from('\n\n')]) : bytes)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
    { numRuns: 1_000 },
  )
})
