import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeReply, decodeRequest, encodeReply, encodeRequest, type Reply } from './tcp-table.ts'

const { vectors } = JSON.parse(readFileSync('test/vectors/tcp-table.json', 'utf8')) as {
  vectors: { by: string; request: string; key: string; reply: string }[]
}
const line = (wire: Uint8Array | string): Buffer =>
  Buffer.from(Buffer.from(wire).toString('latin1').slice(0, -1), 'latin1')
const malformed = expect.objectContaining({ kind: 'malformed' })

test.each(vectors)('golden, four directions: $request of $by', ({ request, key, reply }) => {
  expect(decodeRequest(line(request))).toEqual({ command: 'get', key })
  expect(encodeRequest({ command: 'get', key }).toString()).toBe(request)
  expect(encodeReply(decodeReply(line(reply))).toString()).toBe(reply)
})

test.each(['', 'get', 'GET 192.0.2.5', ' get x', 'get a b', 'get  x', 'get %', 'get %4', 'get %zz', 'get x%'])(
  '%j is malformed',
  (text) => {
    expect(() => decodeRequest(Buffer.from(text))).toThrow(malformed)
  },
)

test('hexadecimal digits in any case; put is known and not served', () => {
  expect(decodeRequest(Buffer.from('get ')).key).toBe('')
  expect(decodeRequest(Buffer.from('get %2e%2E%c3%A9')).key).toBe('..\xc3\xa9')
  expect(() => decodeRequest(Buffer.from('put a b'))).toThrow(expect.objectContaining({ kind: 'unsupported' }))
  expect(() => decodeReply(Buffer.from('250 OK'))).toThrow(malformed)
  expect(() => decodeReply(Buffer.from('200'))).toThrow(malformed)
})

test('property: keys and texts come back as they were, in one line', () => {
  const latin1 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
  fc.assert(
    fc.property(latin1, fc.constantFrom<Reply['status']>(200, 400, 500), (text, status) => {
      const request = encodeRequest({ command: 'get', key: text })
      expect(request.toString('latin1')).toMatch(/^get [!-~]*\n$/)
      expect(decodeRequest(line(request)).key).toBe(text)
      const reply = encodeReply({ status, text })
      expect(reply.toString('latin1')).toMatch(/^\d{3} [ -~]*\n$/)
      expect(decodeReply(line(reply))).toEqual({ status, text })
    }),
  )
})

test('property: any bytes are a request, malformed or unsupported', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.stringMatching(/^(get|put|GET)[ %\da-fx]{0,20}$/).map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(bytes, (request) => {
      try {
        expect(decodeRequest(request).command).toBe('get')
      } catch (error) {
        expect(['malformed', 'unsupported']).toContain((error as { kind?: string }).kind)
      }
    }),
    { numRuns: 1_000 },
  )
})
