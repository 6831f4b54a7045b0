import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressFromOctets, parseAddress, uncompressed } from '../../lib/address.ts'
import { spellings } from './keys.ts'

test('an IPv4 client has one key', () => {
  expect(spellings('192.0.2.25', 'address')).toEqual(['192.0.2.25'])
  expect(spellings('192.0.2.25', 'cidr')).toEqual(['192.0.2.25/32'])
})

test('an IPv6 client has every key that sendmail may ask for, and the one of Postfix and Exim', () => {
  expect(spellings('2001:db8::5', 'address').sort()).toEqual(
    [
      '2001:db8:0:0:0:0:0:5', // a ruleset that strips the tag
      'ipv6:2001:db8:0:0:0:0:0:5', // the original ruleset
      'IPv6:2001:db8:0:0:0:0:0:5', // the same with K option -f
      '2001:db8::5', // strips, UseCompressedIPv6Addresses; Postfix, Exim
      'ipv6:2001:db8::5',
      'IPv6:2001:db8::5',
    ].sort(),
  )
  expect(spellings('2001:db8::5', 'cidr')).toContain('ipv6:2001:db8:0:0:0:0:0:5/128')
  expect(spellings('2001:db8::5', 'cidr')).toHaveLength(6)
})

test('no key twice when there is nothing to compress', () => {
  expect(spellings('2001:db8:1:2:3:4:5:6', 'address')).toEqual([
    '2001:db8:1:2:3:4:5:6',
    'ipv6:2001:db8:1:2:3:4:5:6',
    'IPv6:2001:db8:1:2:3:4:5:6',
  ])
})

test('the uncompressed spelling is that of lib/address, for any address', () => {
  const octet = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(fc.array(octet, { minLength: 16, maxLength: 16 }), (octets) => {
      const address = addressFromOctets(Uint8Array.from(octets))
      if (!address.includes(':')) return
      expect(spellings(address, 'address')).toContain(uncompressed(address))
    }),
    { numRuns: 2000 },
  )
  for (const [address, full] of [
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::', 'fe80:0:0:0:0:0:0:0'],
    ['::', '0:0:0:0:0:0:0:0'],
  ]) {
    expect(spellings(parseAddress(address!), 'address')).toContain(full)
  }
})
