import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressFromOctets, parseAddress, uncompressed } from '../../lib/address.ts'
import { dotted, spellings, tcpserverSpellings, textSpellings, withWidth } from './keys.ts'

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

test('as Exim asks in host lists', () => {
  expect(spellings('192.0.2.25', 'exim')).toEqual(['192.0.2.25'])
  expect(spellings('2001:db8::5', 'exim')).toEqual(['2001:db8::5', '2001.0db8.0000.0000.0000.0000.0000.0005'])
  expect(spellings('198.51.100.0/24', 'exim')).toEqual(['198.51.100.0/24'])
  expect(spellings('2001:db8:1:2::/64', 'exim')).toEqual(['2001.0db8.0001.0002.0000.0000.0000.0000/64'])
  expect(dotted('::1')).toBe('0000.0000.0000.0000.0000.0000.0000.0001')
  expect(dotted('2001:db8:1:2:3:4:5:6')).toBe('2001.0db8.0001.0002.0003.0004.0005.0006')
})

test('texts: no two lines differ in case only', () => {
  const keys = textSpellings('2001:db8::5')
  expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(4)
  expect(textSpellings('192.0.2.25')).toEqual(['192.0.2.25'])
})

test('a width where there is none', () => {
  expect(['192.0.2.25', '2001:db8::5', '198.51.100.0/24', '2001:db8::/64'].map(withWidth)).toEqual([
    '192.0.2.25/32',
    '2001:db8::5/128',
    '198.51.100.0/24',
    '2001:db8::/64',
  ])
})

test.each([
  // As tcpserver 0.88 with the IPv6 patch puts them into TCPREMOTEIP.
  ['2001:db8:0:1:1:1:1:1', '2001:db8::1:1:1:1:1'],
  ['2001:db8:0:1:0:1:1:1', '2001:db8::1:0:1:1:1'],
  ['2001:db8:1:2:3:4:5:0', '2001:db8:1:2:3:4:5::'],
])('tcpserver asks for %s as %s', (address, asked) => {
  expect(tcpserverSpellings(address)).toEqual([address, asked])
})

test.each(['192.0.2.5', '2001:db8::5', '2001:db8:0:1::1:0', '2001:db8:1:2:3:4:5:6', '2001:db8:10:20:30:40:50:60'])(
  'and for %s as it is',
  (address) => expect(tcpserverSpellings(address)).toEqual([address]),
)
