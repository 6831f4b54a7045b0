import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Address,
  addressFromOctets,
  addressFromUint32,
  addressOfPeer,
  octetsOf,
  parseAddress,
  uncompressed,
} from './address.ts'

test.each([
  ['192.0.2.25', '192.0.2.25'],
  ['::ffff:192.0.2.25', '192.0.2.25'],
  ['::FFFF:c000:219', '192.0.2.25'],
  ['0:0:0:0:0:ffff:192.0.2.25', '192.0.2.25'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
])('one client is one key: %s is %s', (text, address) => {
  expect(parseAddress(text)).toBe(address)
})

test.each([
  '',
  ' ',
  '1.2.3',
  '1.2.3.4/24',
  '010.1.2.3',
  '0x7f.1',
  '1.2.3.4 ',
  'fe80::1%eth0',
  'example.com',
  '[::1]',
  '1:2:3:4:5:6:7:8:9',
  '::ffff:1.2.3.4.5',
])('not an address: %j', (text) => {
  expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'DRAC_ADDRESS', kind: 'malformed' }))
})

test('property: the text of any octets is what the system writes, and reads back as the same octets', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.integer({ min: 0, max: 0xffff }),
      (octets, zeros) => {
        for (let i = 0; i < 16; i++) if ((zeros >> i) & 1) octets[i] = 0
        const address = addressFromOctets(octets)
        if (!address.includes(':')) return
        expect(octetsOf(address)).toEqual(octets)
        expect(octetsOf(uncompressed(address) as Address)).toEqual(octets)
        // The system writes ::a.b.c.d for ::/96; RFC 5952 leaves that open.
        const system = new SocketAddress({ address, family: 'ipv6' }).address
        if (!system.includes('.')) expect(address).toBe(system)
      },
    ),
    { numRuns: 2000 },
  )
})

test('an IPv4 address from a number', () => {
  expect(addressFromUint32(0xc0000219)).toBe('192.0.2.25')
  expect(addressFromUint32(0xffffffff)).toBe('255.255.255.255')
})

test('sendmail asks for eight groups', () => {
  expect(uncompressed(parseAddress('2001:db8::5'))).toBe('2001:db8:0:0:0:0:0:5')
})

test("a peer's scope names our link, not the peer", () => {
  expect(addressOfPeer('fe80::1%eth0')).toBe('fe80::1')
  expect(addressOfPeer('::ffff:127.0.0.1')).toBe('127.0.0.1')
})
