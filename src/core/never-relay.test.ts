import { expect, test } from 'vitest'
import { parseAddress } from '../lib/address.ts'
import { neverRelay } from './never-relay.ts'

test.each([
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['::', 'unspecified'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
])('%s is a %s address', (address, kind) => {
  expect(neverRelay(parseAddress(address))).toBe(kind)
})

test.each([
  '10.0.0.1',
  '192.168.1.1',
  '172.16.0.1',
  '100.64.0.1',
  '192.0.2.25',
  '198.51.100.1',
  '2001:db8::1',
  'fc00::1',
  'fec0::1',
  '126.255.255.255',
  '128.0.0.0',
  '223.255.255.255',
])('%s is an ordinary client', (address) => {
  expect(neverRelay(parseAddress(address))).toBeUndefined()
})
