import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { XdrReader } from '../oncrpc/xdr.ts'
import { decodeAddr, decodeRpcb, decodeRpcbs, encodeAddr, encodeRpcb, encodeRpcbs } from './rpcbind.ts'

const lines = readFileSync(new URL('../../../test/vectors/oncrpc-portmap.txt', import.meta.url), 'utf8').split('\n')
const golden = (name: string): Buffer =>
  Buffer.from(lines.find((line) => line.startsWith(`${name} `))!.split(' ')[1]!, 'hex')
const MALFORMED = expect.objectContaining({ kind: 'malformed' })

const UDP = { prog: 900101, vers: 1, netid: 'udp', addr: '127.0.0.1.35.41', owner: 'nobody' }
const TCP6 = { prog: 900101, vers: 2, netid: 'tcp6', addr: '::1.0.111', owner: 'superuser' }

type Codec = readonly [string, unknown, (r: XdrReader) => unknown, (value: never) => Buffer]
const CODECS: readonly Codec[] = [
  ['rpcb', UDP, decodeRpcb, encodeRpcb],
  ['rpcb.dump', [UDP, TCP6], decodeRpcbs, encodeRpcbs],
  ['rpcb.dump.empty', [], decodeRpcbs, encodeRpcbs],
  ['rpcb.addr', '::1.0.111', decodeAddr, encodeAddr],
  ['rpcb.addr.none', '', decodeAddr, encodeAddr],
]

describe.each(CODECS)('%s', (name, value, decode, encode) => {
  const bytes = golden(name)
  test('golden, both ways', () => {
    expect(decode(new XdrReader(bytes))).toEqual(value)
    expect(encode(value as never)).toEqual(bytes)
  })
  test('every truncation and bytes left over are malformed', () => {
    for (let n = 0; n < bytes.length; n++) expect(() => decode(new XdrReader(bytes.subarray(0, n)))).toThrow(MALFORMED)
    expect(() => decode(new XdrReader(Buffer.concat([bytes, Buffer.alloc(4)])))).toThrow(MALFORMED)
  })
  test('bytes with one changed are a value that is written as it was read, or malformed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, octet) => {
        const changed = Buffer.from(bytes)
        changed[at % changed.length] = octet
        let read: unknown
        try {
          read = decode(new XdrReader(changed))
        } catch (error) {
          expect(error).toMatchObject({ name: 'DracError', kind: 'malformed' })
          return
        }
        expect(decode(new XdrReader(encode(read as never)))).toEqual(read)
      }),
    )
  })
})

test('a string of 256 bytes is refused', () => {
  expect(() => encodeRpcb({ ...UDP, owner: 'o'.repeat(256) })).toThrow(MALFORMED)
  expect(() => decodeAddr(new XdrReader(Buffer.from('00000100', 'hex')))).toThrow(
    expect.objectContaining({ code: 'DRAC_XDR_TOO_LONG' }),
  )
})
