import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AUTH_NONE, AuthFlavor, AuthStat } from './auth.ts'
import {
  AcceptStat,
  decodeCall,
  decodeReply,
  encodeAccepted,
  encodeAuthError,
  encodeCall,
  encodeProgMismatch,
  encodeReply,
  encodeRpcMismatch,
  encodeSuccess,
  type Reply,
} from './message.ts'
import { XdrReader } from './xdr.ts'

const lines = readFileSync(new URL('../../../test/vectors/oncrpc.txt', import.meta.url), 'utf8').split('\n')
const golden = (name: string): Buffer =>
  Buffer.from(lines.find((line) => line.startsWith(`${name} `))!.split(' ')[1]!, 'hex')
const xid = 0x11223344
const MALFORMED = expect.objectContaining({ kind: 'malformed' })
const CALL = golden('call.null')

/** A reply with its results as text, so that two can be compared. */
const flat = (reply: Reply): object =>
  reply.stat === 'SUCCESS' ? { ...reply, results: Buffer.from(reply.results.rest()).toString('hex') } : reply

test('golden: a null call', () => {
  const { args, ...header } = decodeCall(CALL)
  expect(header).toEqual({ xid, rpcvers: 2, prog: 900101, vers: 1, proc: 0, cred: AUTH_NONE, verf: AUTH_NONE })
  expect(args.done).toBe(true)
  expect(encodeCall({ xid, prog: 900101, vers: 1, proc: 0 })).toEqual(CALL)
})

describe('golden: every arm of a reply', () => {
  const verf = AUTH_NONE
  test.each<[string, object, Buffer]>([
    ['SUCCESS', { verf, results: '00000001' }, encodeAccepted(xid, AcceptStat.SUCCESS, 1)],
    ['PROG_UNAVAIL', { verf }, encodeAccepted(xid, AcceptStat.PROG_UNAVAIL)],
    ['PROG_MISMATCH', { verf, low: 1, high: 2 }, encodeProgMismatch(xid, 1, 2)],
    ['PROC_UNAVAIL', { verf }, encodeAccepted(xid, AcceptStat.PROC_UNAVAIL)],
    ['GARBAGE_ARGS', { verf }, encodeAccepted(xid, AcceptStat.GARBAGE_ARGS)],
    ['SYSTEM_ERR', { verf }, encodeAccepted(xid, AcceptStat.SYSTEM_ERR)],
    ['RPC_MISMATCH', { low: 2, high: 2 }, encodeRpcMismatch(xid)],
    ['AUTH_ERROR', { authStat: AuthStat.AUTH_TOOWEAK }, encodeAuthError(xid, AuthStat.AUTH_TOOWEAK)],
  ])('%s', (stat, body, encoded) => {
    const bytes = golden(`reply.${stat}`)
    expect(encoded).toEqual(bytes)
    const reply = decodeReply(bytes)
    expect(flat(reply)).toEqual({ xid, stat, ...body })
    expect(encodeReply(decodeReply(bytes))).toEqual(bytes)
    // SUCCESS ends where its results end, which the caller knows.
    for (let n = 0; n < (stat === 'SUCCESS' ? 24 : bytes.length); n++) {
      expect(() => decodeReply(bytes.subarray(0, n)), `${n} bytes`).toThrow(MALFORMED)
    }
    if (stat !== 'SUCCESS') expect(() => decodeReply(Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow(MALFORMED)
  })
})

test.each(['call.null', 'call.authsys', 'call.authsys.longest'])('every truncation of %s is malformed', (name) => {
  const bytes = golden(name)
  for (let n = 0; n < bytes.length; n++) expect(() => decodeCall(bytes.subarray(0, n)), `${n} bytes`).toThrow(MALFORMED)
})

test('a wrong rpcvers, program, version, procedure and flavor are values: the server answers them', () => {
  const edited = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(CALL)
    bytes.writeUInt32BE(value, at)
    return bytes
  }
  expect(decodeCall(edited(8, 3))).toMatchObject({ xid, rpcvers: 3 })
  expect(decodeCall(edited(12, 0xffffffff))).toMatchObject({ prog: 0xffffffff })
  expect(decodeCall(edited(16, 7))).toMatchObject({ vers: 7 })
  expect(decodeCall(edited(20, 9))).toMatchObject({ proc: 9 })
  expect(decodeCall(edited(24, 390_003)).cred).toEqual({ flavor: 390_003, body: new Uint8Array(0) })
})

test('a reply is not a call and a call is not a reply', () => {
  expect(() => decodeCall(golden('reply.SUCCESS'))).toThrow(expect.objectContaining({ code: 'DRAC_RPC_NOT_CALL' }))
  expect(() => decodeReply(CALL)).toThrow(expect.objectContaining({ code: 'DRAC_RPC_NOT_REPLY' }))
})

test('a call may stand anywhere in a larger buffer', () => {
  const around = Buffer.concat([Buffer.alloc(3, 0xff), CALL, Buffer.alloc(5, 0xff)])
  expect(decodeCall(around.subarray(3, 3 + CALL.length))).toMatchObject({ xid, prog: 900101 })
})

test('random bytes, and calls with a byte changed, are a value or malformed', () => {
  const either = (bytes: Uint8Array): void => {
    for (const decode of [decodeCall, decodeReply]) {
      try {
        decode(bytes)
      } catch (error) {
        expect(error).toMatchObject({ name: 'DracError', kind: 'malformed' })
      }
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), either), { numRuns: 3000 })
  const names = ['call.authsys', 'reply.PROG_MISMATCH', 'reply.AUTH_ERROR', 'reply.SUCCESS']
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(200), fc.nat(255), (name, at, value) => {
      const bytes = Buffer.from(golden(name))
      bytes[at % bytes.length] = value
      either(bytes)
    }),
    { numRuns: 3000 },
  )
})

const word = fc.nat(0xffffffff)
const opaqueAuth = fc.oneof(
  fc.constant(AUTH_NONE),
  fc.record({ flavor: fc.integer({ min: 1, max: 0xffffffff }), body: fc.uint8Array({ maxLength: 400 }) }),
)

test('calls come out as they went in', () => {
  const parts = fc.record({
    xid: word,
    prog: word,
    vers: word,
    proc: word,
    cred: opaqueAuth,
    verf: opaqueAuth,
    args: fc.uint8Array({ maxLength: 64 }),
  })
  fc.assert(
    fc.property(parts, (sent) => {
      const { args, rpcvers, ...header } = decodeCall(encodeCall(sent))
      expect(rpcvers).toBe(2)
      expect(plain({ ...header, args: args.rest() })).toEqual(plain(sent))
    }),
  )
})

test('replies come out as they went in', () => {
  const bounds = { xid: word, low: word, high: word }
  const reply = fc.oneof(
    fc.record({
      xid: word,
      verf: opaqueAuth,
      stat: fc.constantFrom('PROG_UNAVAIL', 'PROC_UNAVAIL', 'GARBAGE_ARGS', 'SYSTEM_ERR'),
    }),
    fc.record({ ...bounds, verf: opaqueAuth, stat: fc.constant('PROG_MISMATCH' as const) }),
    fc.record({ ...bounds, stat: fc.constant('RPC_MISMATCH' as const) }),
    fc.record({ xid: word, stat: fc.constant('AUTH_ERROR' as const), authStat: word }),
  ) as fc.Arbitrary<Reply>
  fc.assert(
    fc.property(reply, (sent) => {
      expect(plain(decodeReply(encodeReply(sent)))).toEqual(plain(sent))
    }),
  )
  fc.assert(
    fc.property(word, opaqueAuth, fc.uint8Array({ maxLength: 64 }), (id, verf, results) => {
      const reply = decodeReply(encodeSuccess(id, results, verf))
      expect(plain(flat(reply))).toEqual(
        plain({ xid: id, stat: 'SUCCESS', verf, results: Buffer.from(results).toString('hex') }),
      )
      const again = encodeReply({ xid: id, stat: 'SUCCESS', verf, results: new XdrReader(results) })
      expect(again).toEqual(encodeSuccess(id, results, verf))
    }),
  )
})

test('two replies never share memory: one may still be on its way out while the next is made', () => {
  const first = encodeAccepted(1, AcceptStat.SUCCESS, 0)
  const copy = Buffer.from(first)
  for (let i = 0; i < 1000; i++) encodeAccepted(i, AcceptStat.SUCCESS, 3).fill(0xff)
  expect(first).toEqual(copy)
})

test('no refusal is larger than the smallest call', () => {
  for (const reply of [encodeProgMismatch(1, 1, 2), encodeRpcMismatch(1), encodeAuthError(1, AuthFlavor.AUTH_SYS)]) {
    expect(reply.length).toBeLessThanOrEqual(CALL.length)
  }
})

/** Buffers and byte arrays alike become text. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? [...v] : v?.type === 'Buffer' ? v.data : v)))
