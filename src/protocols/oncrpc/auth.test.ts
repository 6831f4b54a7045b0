import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AUTH_NONE, AuthFlavor, type AuthSys, decodeAuthSys, encodeAuthSys } from './auth.ts'
import { decodeCall, encodeCall } from './message.ts'
import { XdrWriter } from './xdr.ts'

const lines = readFileSync(new URL('../../../test/vectors/oncrpc.txt', import.meta.url), 'utf8').split('\n')
const golden = (name: string): Buffer =>
  Buffer.from(lines.find((line) => line.startsWith(`${name} `))!.split(' ')[1]!, 'hex')

const POP: AuthSys = { stamp: 0x5eed, machinename: 'pop.example.net', uid: 1000, gid: 100, gids: [2000, 2001, 2002] }
const GOLDEN: readonly (readonly [string, AuthSys])[] = [
  ['call.authsys', POP],
  [
    'call.authsys.longest',
    { ...POP, machinename: 'm'.repeat(255), gids: Array.from({ length: 16 }, (_, i) => 2000 + i) },
  ],
  ['call.authsys.shortest', { ...POP, machinename: '', gids: [] }],
]

test.each(GOLDEN)('golden: %s', (name, sys) => {
  const call = decodeCall(golden(name))
  expect(call.cred.flavor).toBe(AuthFlavor.AUTH_SYS)
  expect(decodeAuthSys(call.cred.body)).toEqual(sys)
  expect(call.verf).toBe(AUTH_NONE)
  expect(call.args.done).toBe(true)
  const again = encodeCall({ xid: 0x11223344, prog: 900101, vers: 1, proc: 0, cred: encodeAuthSys(sys) })
  expect(again).toEqual(golden(name))
})

test('every truncation of the body is malformed, and so is a byte too many', () => {
  const { body } = encodeAuthSys(POP)
  const malformed = expect.objectContaining({ kind: 'malformed' })
  for (let n = 0; n < body.length; n++) expect(() => decodeAuthSys(body.subarray(0, n))).toThrow(malformed)
  expect(() => decodeAuthSys(Buffer.concat([body, Buffer.alloc(4)]))).toThrow(malformed)
})

test('a machine name of 256 bytes, 17 groups and a body of 401 bytes are refused, both ways', () => {
  const tooLong = expect.objectContaining({ code: 'DRAC_XDR_TOO_LONG' })
  expect(() => encodeAuthSys({ ...POP, machinename: 'm'.repeat(256) })).toThrow(tooLong)
  expect(() => encodeAuthSys({ ...POP, gids: Array(17).fill(0) })).toThrow(tooLong)
  const name = new XdrWriter().uint(0).string('m'.repeat(256), 256).uint(0).uint(0).uint(0).bytes()
  expect(() => decodeAuthSys(name)).toThrow(tooLong)
  const gids = new XdrWriter().uint(0).string('', 0).uint(0).uint(0).uint(17).append(Buffer.alloc(68)).bytes()
  expect(() => decodeAuthSys(gids)).toThrow(tooLong)
  const cred = { flavor: AuthFlavor.AUTH_SHORT, body: Buffer.alloc(401) }
  expect(() => encodeCall({ xid: 1, prog: 1, vers: 1, proc: 1, cred })).toThrow(tooLong)
  const body = new XdrWriter()
    .uint(1)
    .uint(0)
    .uint(2)
    .uint(1)
    .uint(1)
    .uint(1)
    .uint(2)
    .opaque(cred.body, 404)
    .uint(0)
    .uint(0)
  expect(() => decodeCall(body.bytes())).toThrow(tooLong)
})

test('random bodies are credentials that come out as they went in, or malformed', () => {
  fc.assert(
    fc.property(
      fc.record({
        stamp: fc.nat(0xffffffff),
        machinename: fc.string({ maxLength: 255, unit: 'binary-ascii' }),
        uid: fc.nat(0xffffffff),
        gid: fc.nat(0xffffffff),
        gids: fc.array(fc.nat(0xffffffff), { maxLength: 16 }),
      }),
      (sys) => {
        expect(decodeAuthSys(encodeAuthSys(sys).body)).toEqual(sys)
      },
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        decodeAuthSys(bytes)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'malformed' })
      }
    }),
  )
})
