import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressFromOctets, isV6, uncompressed } from './address.ts'
import { clientOfKey } from './client-key.ts'

test.each([
  ['192.0.2.5', '192.0.2.5'],
  ['[192.0.2.5]', '192.0.2.5'],
  ['2001:db8::5', '2001:db8::5'],
  ['2001:DB8:0:0::5', '2001:db8::5'],
  ['2001:0db8:0000:0000:0000:0000:0000:0005', '2001:db8::5'],
  ['IPv6:2001:db8:0:0:0:0:0:5', '2001:db8::5'],
  ['ipv6:2001:db8:0:0:0:0:0:5', '2001:db8::5'],
  ['[IPv6:2001:db8::5]', '2001:db8::5'],
  ['ipv6:[2001:db8::5]', '2001:db8::5'],
  ['::ffff:192.0.2.5', '192.0.2.5'],
  ['IPv6:::ffff:192.0.2.5', '192.0.2.5'],
  ['::ffff:c000:205', '192.0.2.5'],
  ['::1', '::1'],
])('%s asks for %s', (key, address) => {
  expect(clientOfKey(key)).toBe(address)
})

test.each([
  '',
  ' ',
  'c5.test',
  'localhost',
  '192.0.2',
  '192.0.2.5 ',
  '192.0.2.0/24',
  '192.0.2.005',
  '010.1.2.3',
  '0x7f.1',
  'IPv6:192.0.2.5',
  '[192.0.2.5',
  'fe80::1%eth0',
  '2001:db8:::5',
  'ipv6:',
  '[]',
  'x'.repeat(100_000),
])('%j is nobody', (key) => {
  expect(clientOfKey(key)).toBeUndefined()
})

test('property: sendmail and Postfix spellings of one address are one address', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const address = addressFromOctets(octets)
      expect(clientOfKey(address)).toBe(address)
      if (!isV6(address)) return
      expect(clientOfKey(`IPv6:${uncompressed(address)}`)).toBe(address)
      expect(clientOfKey(`[${address.toUpperCase()}]`)).toBe(address)
    }),
  )
})

test('property: any text is an address or nobody', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      clientOfKey(text)
    }),
  )
})
