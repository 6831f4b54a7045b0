import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, addressFromOctets, parseAddress } from '../../lib/address.ts'
import { AcceptStat, decodeCall, decodeReply, encodeAccepted, encodeCall, encodeSuccess } from '../oncrpc/message.ts'
import { XdrReader } from '../oncrpc/xdr.ts'
import {
  AddStat,
  DRACPROC_ADD,
  DRACPROG,
  DRACVERS,
  DRACVERS6,
  decodeAdd,
  decodeAddResult,
  encodeAdd,
  encodeAddResult,
} from './add.ts'

const lines = readFileSync(new URL('../../../test/vectors/drac.txt', import.meta.url), 'utf8').split('\n')
const golden = (name: string): Buffer =>
  Buffer.from(lines.find((line) => line.startsWith(`${name} `))!.slice(name.length + 1), 'hex')
const xid = 0x11223344
const MALFORMED = expect.objectContaining({ kind: 'malformed' })
const addressIn = (bytes: Uint8Array): Address => {
  const call = decodeCall(bytes)
  return decodeAdd(call.vers, call.args)
}

test.each([
  ['add4 192.0.2.25', DRACVERS],
  ['add6 2001:db8::fffe', DRACVERS6],
])('golden: %s', (name, vers) => {
  const address = parseAddress(name.split(' ')[1]!)
  expect(decodeCall(golden(name))).toMatchObject({ xid, prog: DRACPROG, vers, proc: DRACPROC_ADD })
  expect(addressIn(golden(name))).toBe(address)
  expect(encodeCall({ xid, prog: DRACPROG, proc: DRACPROC_ADD, ...encodeAdd(address) })).toEqual(golden(name))
})

test.each(Object.entries(AddStat))('golden: %s', (name, stat) => {
  const reply = decodeReply(golden(name))
  if (reply.stat !== 'SUCCESS') throw new Error(reply.stat)
  expect(decodeAddResult(reply.results)).toBe(stat)
  expect(encodeAccepted(xid, AcceptStat.SUCCESS, stat)).toEqual(golden(name))
  expect(encodeSuccess(xid, encodeAddResult(stat))).toEqual(golden(name))
})

test('a v2 sender with unsigned char means the same address', () => {
  const zeroExtended = Buffer.from(golden('add6 2001:db8::fffe'))
  for (const at of [52, 96, 100]) zeroExtended.fill(0, at, at + 3)
  expect(addressIn(zeroExtended)).toBe('2001:db8::fffe')
})

test('a mapped address in version 2 is the IPv4 address', () => {
  const octets = new XdrReader(Buffer.alloc(64))
  expect(decodeAdd(DRACVERS6, octets)).toBe('::')
  const mapped = Buffer.alloc(64)
  for (const [i, octet] of [0xff, 0xff, 192, 0, 2, 25].entries()) mapped.writeInt32BE((octet << 24) >> 24, 40 + 4 * i)
  expect(decodeAdd(DRACVERS6, new XdrReader(mapped))).toBe('192.0.2.25')
})

test.each(['add4 192.0.2.25', 'add6 2001:db8::fffe'])(
  '%s: every truncation is malformed, and so are bytes left over',
  (name) => {
    const bytes = golden(name)
    for (let n = 0; n < bytes.length; n++)
      expect(() => addressIn(bytes.subarray(0, n)), `${n} bytes`).toThrow(MALFORMED)
    for (const more of [1, 4]) expect(() => addressIn(Buffer.concat([bytes, Buffer.alloc(more)]))).toThrow(MALFORMED)
  },
)

test("each version refuses the other's argument", () => {
  expect(() => decodeAdd(DRACVERS, new XdrReader(Buffer.alloc(64)))).toThrow(MALFORMED)
  expect(() => decodeAdd(DRACVERS6, new XdrReader(Buffer.alloc(4)))).toThrow(MALFORMED)
  expect(() => decodeAdd(3, new XdrReader(Buffer.alloc(4)))).toThrow(expect.objectContaining({ kind: 'unsupported' }))
})

test('a result that is no addstat, short or long is malformed', () => {
  for (const bytes of ['00000004', 'ffffffff', '000000', '0000000000']) {
    expect(() => decodeAddResult(new XdrReader(Buffer.from(bytes, 'hex')))).toThrow(MALFORMED)
  }
})

test('every address comes out as it went in; random arguments are an address or malformed', () => {
  const octets = fc.oneof(...[4, 16].map((n) => fc.uint8Array({ minLength: n, maxLength: n })))
  fc.assert(
    fc.property(octets, (bytes) => {
      const address = addressFromOctets(bytes)
      const { vers, args } = encodeAdd(address)
      expect(decodeAdd(vers, new XdrReader(args))).toBe(address)
    }),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 70 }), (vers, bytes) => {
      try {
        expect(parseAddress(decodeAdd(vers, new XdrReader(bytes)))).toBeTypeOf('string')
      } catch (error) {
        expect(error).toMatchObject({ name: 'DracError', kind: 'malformed' })
      }
    }),
    { numRuns: 1000 },
  )
})
