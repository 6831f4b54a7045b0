import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { XdrReader } from '../oncrpc/xdr.ts'
import {
  decodeCallitArgs,
  decodeCallitResult,
  decodeDone,
  decodeMapping,
  decodeMappings,
  decodePort,
  encodeCallitArgs,
  encodeCallitResult,
  encodeDone,
  encodeMapping,
  encodeMappings,
  encodePort,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from './v2.ts'

const lines = readFileSync(new URL('../../../test/vectors/oncrpc-portmap.txt', import.meta.url), 'utf8').split('\n')
const golden = (name: string): Buffer =>
  Buffer.from(lines.find((line) => line.startsWith(`${name} `))!.split(' ')[1]!, 'hex')
const MALFORMED = expect.objectContaining({ kind: 'malformed' })

const UDP = { prog: 900101, vers: 1, prot: IPPROTO_UDP, port: 35000 }
const TCP = { prog: 900101, vers: 2, prot: IPPROTO_TCP, port: 35001 }
const ADD = { prog: 900101, vers: 1, proc: 1, args: Buffer.from('c0000219', 'hex') }

type Codec = readonly [string, Buffer, unknown, (r: XdrReader) => unknown, (value: never) => Buffer]
const CODECS: readonly Codec[] = [
  ['mapping', golden('pmap.mapping'), UDP, decodeMapping, encodeMapping],
  ['DUMP', golden('pmap.dump'), [UDP, TCP], decodeMappings, encodeMappings],
  ['empty DUMP', golden('pmap.dump.empty'), [], decodeMappings, encodeMappings],
  ['CALLIT', golden('pmap.callit'), ADD, decodeCallitArgs, encodeCallitArgs],
  [
    'call_result',
    Buffer.from('000088b80000000400000001', 'hex'),
    { port: 35000, res: Buffer.from([0, 0, 0, 1]) },
    decodeCallitResult,
    encodeCallitResult,
  ],
  ['port', Buffer.from('000088b8', 'hex'), 35000, decodePort, encodePort],
  ['done', Buffer.from('00000001', 'hex'), true, decodeDone, encodeDone],
]

describe.each(CODECS)('%s', (_, bytes, value, decode, encode) => {
  test('golden, both ways', () => {
    expect(decode(new XdrReader(bytes))).toEqual(value)
    expect(encode(value as never)).toEqual(bytes)
  })
  test('every truncation and bytes left over are malformed', () => {
    for (let n = 0; n < bytes.length; n++) expect(() => decode(new XdrReader(bytes.subarray(0, n)))).toThrow(MALFORMED)
    expect(() => decode(new XdrReader(Buffer.concat([bytes, Buffer.alloc(4)])))).toThrow(MALFORMED)
  })
  test('random bytes are a value that is written as it was read, or malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (random) => {
        let read: unknown
        try {
          read = decode(new XdrReader(random))
        } catch (error) {
          expect(error).toMatchObject({ name: 'DracError', kind: 'malformed' })
          return
        }
        expect(decode(new XdrReader(encode(read as never)))).toEqual(read)
      }),
    )
  })
})

test('a DUMP without end is refused at its limit', () => {
  const endless = Buffer.concat(Array.from({ length: 4097 }, () => Buffer.concat([encodePort(1), encodeMapping(UDP)])))
  expect(() => decodeMappings(new XdrReader(endless))).toThrow(expect.objectContaining({ code: 'DRAC_XDR_TOO_LONG' }))
})
