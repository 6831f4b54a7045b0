import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from './readsocket.ts'

const { vectors } = JSON.parse(readFileSync('test/vectors/readsocket.json', 'utf8')) as {
  vectors: { by: string; request: string; key: string; reply: string }[]
}

test.each(vectors)('golden, four directions: $request of $by', ({ request, key, reply }) => {
  expect(decodeRequest(Buffer.from(request.slice(0, -1)))).toEqual({ command: 'check', key })
  expect(encodeRequest({ command: 'check', key }).toString()).toBe(request)
  expect(encodeReply(decodeReply(Buffer.from(reply))).toString()).toBe(reply)
})

test.each(['', 'CHECK 192.0.2.5', 'checks 192.0.2.5', ' check', 'yes', 'get 192.0.2.5'])(
  '%j is no command of ours',
  (text) => {
    expect(() => decodeRequest(Buffer.from(text))).toThrow(expect.objectContaining({ kind: 'unsupported' }))
  },
)

test('no key makes a second line; a reply is one of three words', () => {
  expect(decodeRequest(Buffer.from('check'))).toEqual({ command: 'check', key: '' })
  expect(() => encodeRequest({ command: 'check', key: 'a\nb' })).toThrow(expect.objectContaining({ kind: 'malformed' }))
  expect(decodeReply(Buffer.from('yes'))).toBe('yes')
  for (const text of ['', 'yes\n\n', 'Yes', 'yes no']) {
    expect(() => decodeReply(Buffer.from(text))).toThrow(expect.objectContaining({ kind: 'malformed' }))
  }
})

test('property: any bytes are a request or unsupported; a request comes back as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(() => decodeRequest(bytes)).toThrow(expect.objectContaining({ kind: 'unsupported' }))
      const key = Buffer.from(bytes)
        .toString('latin1')
        .replaceAll(/[\r\n]/g, '')
      expect(decodeRequest(encodeRequest({ command: 'check', key }).subarray(0, -1))).toEqual({ command: 'check', key })
    }),
  )
})
