import { readFileSync } from 'node:fs'
import dnsPacket from 'dns-packet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressFromOctets } from '../../lib/address.ts'
import { frame, MessageReader } from './message-reader.ts'
import { decodeHeader, decodeQuery, MAX_QUERY_BYTES, type Query } from './query.ts'
import { encodeError, encodeRecord, encodeResponse, Rcode } from './response.ts'
import { readReversed, reversedName } from './reversed-name.ts'

const { vectors } = JSON.parse(readFileSync('test/vectors/dns-list.json', 'utf8')) as {
  vectors: { by: string; query: string; response: string }[]
}
const malformed = expect.objectContaining({ kind: 'malformed' })
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const decode = (bytes: Buffer): Query => decodeQuery(bytes, decodeHeader(bytes)!)
const query = (name: string, changes: object = {}): Buffer =>
  dnsPacket.encode({ id: 7, type: 'query', questions: [{ name, type: 'A', class: 'IN' }], ...changes })

test.each(vectors)('golden: $by', ({ query: hex }) => {
  const bytes = bytesOf(hex)
  const { id, flags, questions, additionals } = dnsPacket.decode(bytes)
  const { header, name, question, edns } = decode(bytes)
  expect(header).toEqual({ id, opcode: 0, rd: (flags & 0x100) !== 0 })
  expect(name).toBe(questions[0]!.name.toLowerCase())
  expect(Buffer.from(question)).toEqual(bytes.subarray(12, 12 + question.length))
  expect(edns !== undefined).toBe(additionals.length === 1)
})

test.each(vectors)('every truncation of $by is malformed, or too short for a header', ({ query: hex }) => {
  const bytes = bytesOf(hex)
  for (let n = 0; n < 12; n++) expect(decodeHeader(bytes.subarray(0, n))).toBeUndefined()
  for (let n = 12; n < bytes.length; n++) expect(() => decode(bytes.subarray(0, n))).toThrow(malformed)
})

test('a response is not to be answered', () => {
  for (const { response } of vectors) expect(decodeHeader(bytesOf(response))).toBeUndefined()
})

const put16 =
  (at: number, value: number) =>
  (bytes: Buffer): Buffer => {
    bytes.writeUInt16BE(value, at)
    return bytes
  }

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['no question', put16(4, 0)],
  ['65,535 questions', put16(4, 65_535)],
  ['65,535 answers', put16(6, 65_535)],
  ['an answer', put16(6, 1)],
  ['two additional records', put16(10, 2)],
  ['bytes after the end', (bytes) => Buffer.concat([bytes, Buffer.from([0])])],
  ['a name that points to itself', put16(12, 0xc00c)],
  ['a label of 64', put16(12, 0x4035)],
  ['too many bytes', (bytes) => Buffer.concat([bytes, Buffer.alloc(MAX_QUERY_BYTES)])],
])('%s: malformed', (_, change) => {
  expect(() => decode(change(query('5.2.0.192.drac.invalid')))).toThrow(malformed)
})

test.each<[string, number[]]>([
  ['dots inside a label', [9, ...Buffer.from('5.2.0.192'), 4, ...Buffer.from('drac'), 7, ...Buffer.from('invalid'), 0]],
  ['bytes that are no UTF-8', [2, 0xff, 0xfe, 4, ...Buffer.from('drac'), 7, ...Buffer.from('invalid'), 0]],
  ['a pointer into the header', [1, 0x35, 0xc0, 4]],
])('a name with %s has no text', (_, name) => {
  const bytes = Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1])
  expect(decode(bytes).name).toBeUndefined()
})

test('only ASCII letters are folded: the Kelvin sign is no k', () => {
  expect(decode(query('K.Drac.INVALID')).name).toBe('k.drac.invalid')
  expect(decode(query('\u212a.drac.invalid')).name).toBe('\u212a.drac.invalid')
})

test('another record than OPT is passed over; an OPT with a name is malformed', () => {
  const record = { name: 'x', type: 'TXT', ttl: 0, data: 'y' } as const
  expect(decode(query('5.drac.invalid', { additionals: [record] })).edns).toBeUndefined()
  const opt = { name: '.', type: 'OPT', udpPayloadSize: 512, ednsVersion: 3, flags: 0, options: [] } as const
  expect(decode(query('5.drac.invalid', { additionals: [opt] })).edns).toBe(3)
})

test('an error without a question repeats only id, opcode and RD', () => {
  expect(encodeError({ id: 0x1234, opcode: 4, rd: true }, Rcode.NOTIMP).toString('hex')).toBe(
    '1234a1040000000000000000',
  )
})

test('records are owned through pointers, and dns-packet reads them back', () => {
  const asked = decode(query('5.2.0.192.Drac.invalid'))
  const soa = { mname: 'drac.invalid', rname: 'nobody.invalid', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 0 }
  const response = encodeResponse(asked, Rcode.NXDOMAIN, true, {
    answer: encodeRecord({ type: 'TXT', data: 'text' }),
    authority: { record: encodeRecord({ type: 'SOA', data: soa }), zoneBytes: 14 },
  })
  const seen = dnsPacket.decode(response)
  expect(seen).toMatchObject({ id: 7, rcode: 'NXDOMAIN', flag_aa: true, flag_ra: false, additionals: [] })
  expect(seen.questions[0]!.name).toBe('5.2.0.192.Drac.invalid')
  expect(seen.answers[0]).toMatchObject({ name: '5.2.0.192.Drac.invalid', type: 'TXT', ttl: 0 })
  expect(seen.authorities[0]).toMatchObject({ name: 'Drac.invalid', type: 'SOA', data: soa })
})

test.each([
  ['5.2.0.192', '192.0.2.5', false],
  ['5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2', '2001:db8::5', false],
  ['5.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0', '192.0.2.5', false],
  ['2.0.192', undefined, true],
  ['192', undefined, true],
  ['b', undefined, true],
  ['0.0.0.0.0.0.0.8.b.d.0.1.0.0.2', undefined, true],
  ['1.0.0.2', '2.0.0.1', true],
  ['x.5.2.0.192', undefined, false],
  ['5.2.0.192.1', undefined, false],
  ['05.2.0.192', undefined, false],
  ['256.2.0.192', undefined, false],
  ['256', undefined, false],
  ['c5', undefined, false],
  ['', undefined, false],
  ['5.', undefined, false],
])('%j before the zone: %s', (labels, address, hasNamesBelow) => {
  expect(readReversed(labels)).toEqual(address === undefined ? { hasNamesBelow } : { address, hasNamesBelow })
})

test('property: each address has one name, and every end of it has names below', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  fc.assert(
    fc.property(octets, fc.nat(), (bytes, at) => {
      const address = addressFromOctets(bytes)
      const labels = reversedName(address).split('.')
      expect(readReversed(labels.join('.')).address).toBe(address)
      expect(readReversed(labels.slice(1 + (at % (labels.length - 1))).join('.')).hasNamesBelow).toBe(true)
    }),
  )
})

test('messages of a stream in any chunking; a length that no query has is refused at once', () => {
  const messages = vectors.map(({ query: hex }) => bytesOf(hex))
  const wire = Buffer.concat(messages.map(frame))
  for (const size of [1, 3, 50, wire.length]) {
    const reader = new MessageReader()
    const seen: Buffer[] = []
    for (let at = 0; at < wire.length; at += size) {
      for (const message of reader.push(wire.subarray(at, at + size))) seen.push(Buffer.from(message))
    }
    expect(seen).toEqual(messages)
    expect(reader.pending).toBe(false)
  }
  for (const length of [0, 11, MAX_QUERY_BYTES + 1, 65_535]) {
    expect(() => [...new MessageReader().push(Buffer.from([length >> 8, length & 255]))]).toThrow(malformed)
  }
  const reader = new MessageReader()
  expect([...reader.push(Buffer.from([0]))]).toEqual([])
  expect(reader.pending).toBe(true)
})

test('property: any bytes are silence, malformed or a query', () => {
  const mutated = fc
    .tuple(fc.constantFrom(...vectors), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([{ query: hex }, changes]) => {
      const bytes = bytesOf(hex)
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return bytes
    })
  const random = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.oneof(random, mutated), (bytes) => {
      const header = decodeHeader(bytes)
      if (header === undefined) return
      try {
        const asked = decodeQuery(bytes, header)
        expect(encodeResponse(asked, Rcode.REFUSED, false).length).toBeLessThanOrEqual(bytes.length)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
    { numRuns: 2_000 },
  )
})
