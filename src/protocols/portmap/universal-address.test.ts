import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressFromOctets, parseAddress } from '../../lib/address.ts'
import { formatUniversalAddress, parseUniversalAddress } from './universal-address.ts'

test.each([
  ['127.0.0.1.35.41', '127.0.0.1', 9001],
  ['0.0.0.0.0.111', '0.0.0.0', 111],
  ['::1.0.111', '::1', 111],
  ['::.255.255', '::', 65535],
  ['2001:db8::fffe.3.132', '2001:db8::fffe', 900],
])('%s', (text, address, port) => {
  expect(parseUniversalAddress(text)).toEqual({ address, port })
  expect(formatUniversalAddress({ address: parseAddress(address), port })).toBe(text)
})

test('a mapped address is folded', () => {
  expect(parseUniversalAddress('::ffff:192.0.2.25.0.111')).toEqual({ address: '192.0.2.25', port: 111 })
})

test.each([
  '',
  '1.2.3.4',
  '127.0.0.1.0',
  '127.0.0.1.256.0',
  '127.0.0.1.0.256',
  '127.0.0.1.0.',
  '127.0.0.1.-1.0',
  '::1',
  'localhost.0.111',
  '/run/rpcbind.sock',
  '::1.0.111\n',
  'fe80::1%lo.0.111',
])('%j is refused', (text) =>
  expect(() => parseUniversalAddress(text)).toThrow(expect.objectContaining({ kind: 'malformed' })),
)

test('every address and port come out as they went in', () => {
  const octets = fc.oneof(...[4, 16].map((n) => fc.uint8Array({ minLength: n, maxLength: n })))
  fc.assert(
    fc.property(octets, fc.nat(65535), (bytes, port) => {
      const endpoint = { address: addressFromOctets(bytes), port }
      expect(parseUniversalAddress(formatUniversalAddress(endpoint))).toEqual(endpoint)
    }),
  )
})
