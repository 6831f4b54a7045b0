import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NetstringReader } from '../netstring/netstring.ts'
import { decodeReply, decodeRequest, encodeReply, encodeRequest, type Reply } from './socketmap.ts'

interface Vector {
  readonly by: string
  readonly request: string
  readonly map: string
  readonly key: string
  readonly reply: string
}
const { vectors } = JSON.parse(readFileSync('test/vectors/socketmap.json', 'utf8')) as { vectors: Vector[] }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const inside = (wire: Uint8Array): Uint8Array => [...new NetstringReader(200_000).push(wire)][0]!

test.each(vectors)('golden, four directions: $request of $by', ({ request, map, key, reply }) => {
  expect(decodeRequest(inside(Buffer.from(request)))).toEqual({ map, key })
  expect(text(encodeRequest({ map, key }))).toBe(request)
  expect(text(encodeReply(decodeReply(inside(Buffer.from(reply)))))).toBe(reply)
})

test.each<[Reply, string]>([
  [{ status: 'OK', data: 'OK' }, '5:OK OK,'],
  [{ status: 'OK', data: '' }, '3:OK ,'],
  [{ status: 'NOTFOUND' }, '9:NOTFOUND ,'],
  [{ status: 'TEMP', reason: 'try later' }, '14:TEMP try later,'],
  [{ status: 'TIMEOUT', reason: '' }, '8:TIMEOUT ,'],
  [{ status: 'PERM', reason: 'no' }, '7:PERM no,'],
])('%j is %s', (reply, wire) => {
  expect(text(encodeReply(reply))).toBe(wire)
  expect(decodeReply(inside(Buffer.from(wire)))).toEqual(reply)
})

test('a key may hold spaces, a map name may not; no space is malformed', () => {
  expect(decodeRequest(Buffer.from('drac a b'))).toEqual({ map: 'drac', key: 'a b' })
  expect(decodeRequest(Buffer.from(' x'))).toEqual({ map: '', key: 'x' })
  expect(() => decodeRequest(Buffer.from('drac'))).toThrow(expect.objectContaining({ kind: 'malformed' }))
  expect(() => encodeRequest({ map: 'a b', key: 'x' })).toThrow(expect.objectContaining({ kind: 'malformed' }))
  expect(() => decodeReply(Buffer.from('MAYBE so'))).toThrow(expect.objectContaining({ kind: 'malformed' }))
})

test('a bare OK and a bare NOTFOUND of other servers are understood', () => {
  expect(decodeReply(Buffer.from('OK'))).toEqual({ status: 'OK', data: '' })
  expect(decodeReply(Buffer.from('NOTFOUND'))).toEqual({ status: 'NOTFOUND' })
})

test('property: no reason can end a reply early or add a second one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (reason) => {
      const wire = encodeReply({ status: 'TEMP', reason })
      expect([...new NetstringReader(200_000).push(wire)]).toHaveLength(1)
      expect(text(wire)).toMatch(/^\d+:TEMP [ -~]*,$/)
    }),
  )
})

test('property: any bytes are a request or malformed; encode and decode are each other’s mirror', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        expect(inside(encodeRequest(decodeRequest(bytes)))).toEqual(Buffer.from(bytes))
      } catch (error) {
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
    { numRuns: 2_000 },
  )
})
