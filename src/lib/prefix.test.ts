import { BlockList } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressFromOctets, isV6, parseAddress } from './address.ts'
import { networkOf, PrefixSet, parsePrefix, parseRelayKey, prefixOfKey, relayKey } from './prefix.ts'

test.each([
  ['192.0.2.0/24', '192.0.2.0', 24],
  ['192.0.2.1', '192.0.2.1', 32],
  ['2001:db8::/32', '2001:db8::', 32],
  ['::/0', '::', 0],
  ['::ffff:192.0.2.1', '192.0.2.1', 32],
])('%s', (text, network, width) => {
  expect(parsePrefix(text)).toEqual({ network, width })
})

test.each([
  '192.0.2.0/33',
  '192.0.2.1/24',
  '2001:db8::1/64',
  '192.0.2.0/',
  '192.0.2.0/-1',
  '192.0.2.0/2 4',
  'x/24',
  '1.2.3.4/24/8',
])('not a network: %s', (text) => {
  expect(() => parsePrefix(text)).toThrow(expect.objectContaining({ kind: 'malformed' }))
})

test('a key is the bare address at full width, and reads back', () => {
  const client = parseAddress('2001:db8:1:2:3::4')
  expect(relayKey(client, 128)).toBe('2001:db8:1:2:3::4')
  expect(relayKey(client, 64)).toBe('2001:db8:1:2::/64')
  expect(prefixOfKey(parseRelayKey('2001:DB8:1:2::/64'))).toEqual({ network: '2001:db8:1:2::', width: 64 })
  expect(relayKey(parseAddress('192.0.2.25'), 24)).toBe('192.0.2.0/24')
})

const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(addressFromOctets)
// 2000::/3 and narrower: the system also matches IPv4 clients against ::/0, which we keep apart.
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((o) => addressFromOctets(o.fill(0x20, 0, 1)))
test('property: a set of networks answers as the system does', () => {
  const network = fc.oneof(
    fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
    fc.tuple(v6, fc.integer({ min: 3, max: 128 })),
  )
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 8 }),
      fc.array(fc.oneof(v4, v6), { maxLength: 8 }),
      (networks, others) => {
        const prefixes = networks.map(([address, width]) => ({ network: networkOf(address, width), width }))
        const set = new PrefixSet(prefixes)
        const oracle = new BlockList()
        for (const { network, width } of prefixes) oracle.addSubnet(network, width, isV6(network) ? 'ipv6' : 'ipv4')
        for (const address of [...others, ...networks.map(([a]) => a), ...prefixes.map((p) => p.network)]) {
          expect(set.has(address), address).toBe(oracle.check(address, isV6(address) ? 'ipv6' : 'ipv4'))
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a set touches a network that it holds, or holds a part of', () => {
  const set = new PrefixSet(['2001:db8:1:2::bad', '10.0.0.0/8'].map(parsePrefix))
  expect(
    ['2001:db8:1:2::/64', '2001:db8:1:3::/64', '10.1.2.0/24', '11.0.0.0/24'].map((text) =>
      set.touches(parsePrefix(text)),
    ),
  ).toEqual([true, false, true, false])
})
