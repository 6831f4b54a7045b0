import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecord, RecordReader } from './record-marking.ts'

const lines = readFileSync(new URL('../../../test/vectors/oncrpc.txt', import.meta.url), 'utf8').split('\n')
const golden = (name: string): Buffer =>
  Buffer.from(lines.find((line) => line.startsWith(`${name} `))!.split(' ')[1]!, 'hex')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const fragment = (bytes: Uint8Array, last: boolean): Buffer => {
  const out = encodeRecord(bytes)
  if (!last) out[0]! &= 0x7f
  return out
}
const code = (name: string) => expect.objectContaining({ code: name, kind: 'malformed' })

test("golden: libtirpc's record in one fragment and in two", () => {
  const [record] = [...new RecordReader().push(golden('record.whole'))]
  expect(encodeRecord(record!)).toEqual(golden('record.whole'))
  expect([...new RecordReader().push(golden('record.fragmented'))]).toEqual([record])
})

test('every truncation yields nothing and is pending; the rest completes it', () => {
  const wire = golden('record.fragmented')
  const whole = [...new RecordReader().push(wire)]
  for (let n = 0; n < wire.length; n++) {
    const reader = new RecordReader()
    expect([...reader.push(wire.subarray(0, n))]).toEqual([])
    expect(reader.pending, `${n} bytes`).toBe(n > 0)
    expect([...reader.push(wire.subarray(n))]).toEqual(whole)
    expect(reader.pending).toBe(false)
  }
})

test('records survive any fragmentation, empty fragments too, and any chunking', () => {
  const record = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 16 })
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (records, chunks) => {
        const wire = Buffer.concat(records.flatMap((parts) => parts.map((p, i) => fragment(p, i === parts.length - 1))))
        const reader = new RecordReader({ maxBytes: 640 })
        const got: Buffer[] = []
        for (let at = 0, i = 0; at < wire.length; i++) {
          const size = chunks[i % chunks.length]!
          const chunk = Uint8Array.from(wire.subarray(at, at + size))
          for (const one of reader.push(chunk)) got.push(Buffer.from(one))
          chunk.fill(0xff) // The socket may do this: nothing may be kept in the chunk.
          at += size
        }
        expect(got).toEqual(records.map((parts) => Buffer.concat(parts)))
        expect(reader.pending).toBe(false)
      },
    ),
    { numRuns: 500 },
  )
})

test('random bytes yield records or malformed, and never more than came', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (chunks) => {
      const reader = new RecordReader({ maxBytes: 64 })
      let came = 0
      try {
        for (const chunk of chunks) {
          came += chunk.length
          for (const record of reader.push(chunk)) came -= record.length + 4
          expect(came).toBeGreaterThanOrEqual(0)
        }
      } catch (error) {
        expect(error).toMatchObject({ name: 'DracError', kind: 'malformed' })
      }
    }),
    { numRuns: 2000 },
  )
})

test('a record of the limit passes; one byte more is refused at its marker, before its bytes arrive', () => {
  expect([...new RecordReader().push(encodeRecord(Buffer.alloc(4096)))]).toEqual([Buffer.alloc(4096)])
  expect(() => [...new RecordReader().push(hex('80001001'))]).toThrow(code('DRAC_RPC_RECORD_TOO_LONG'))
  expect(() => [...new RecordReader().push(hex('ffffffff'))]).toThrow(code('DRAC_RPC_RECORD_TOO_LONG'))
})

test("the limit is the record's, not the fragment's", () => {
  const reader = new RecordReader({ maxBytes: 8 })
  expect([...reader.push(fragment(Buffer.alloc(8), false))]).toEqual([])
  expect(() => [...reader.push(hex('80000001'))]).toThrow(code('DRAC_RPC_RECORD_TOO_LONG'))
})

test('sixteen fragments pass, empty ones counted; the seventeenth is refused', () => {
  const empties = Buffer.alloc(15 * 4)
  expect([...new RecordReader().push(Buffer.concat([empties, encodeRecord(hex('0102'))]))]).toEqual([hex('0102')])
  const reader = new RecordReader()
  expect([...reader.push(Buffer.concat([empties, Buffer.alloc(4)]))]).toEqual([])
  expect(() => [...reader.push(hex('80000000'))]).toThrow(code('DRAC_RPC_FRAGMENTS'))
})

test('the count starts again with each record', () => {
  const record = Buffer.concat([Buffer.alloc(15 * 4), encodeRecord(hex('0102'))])
  expect([...new RecordReader().push(Buffer.concat([record, record, record]))]).toHaveLength(3)
})

test('an empty record is a record: what it means is for the layer above', () => {
  expect([...new RecordReader().push(hex('80000000'))]).toEqual([Buffer.alloc(0)])
})
