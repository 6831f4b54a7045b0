import { describe, expect, test } from 'vitest'
import { parseAddress } from '../lib/address.ts'
import { parsePrefix } from '../lib/prefix.ts'
import { parseAllowFile, trustNetworks, trustOwnHost } from './trusted-clients.ts'

const trusts = (text: string, client: string): boolean =>
  parseAllowFile(text, 'dracd.allow').trusted.find(parseAddress(client)) !== undefined

describe('the allow file of rpc.dracd', () => {
  const file = `# mail servers
255.255.255.255 192.0.2.10
  255.255.255.0\t198.51.100.0   # a whole network

255.255.0.255 10.0.0.7
ffff:ffff:: 2001:db8::
`
  test.each([
    ['192.0.2.10', true],
    ['192.0.2.11', false],
    ['198.51.100.200', true],
    ['198.51.101.200', false],
    ['10.0.99.7', true],
    ['10.1.99.7', false],
    ['2001:db8:5::1', true],
    ['2001:db9::1', false],
    ['127.0.0.1', false],
    ['::ffff:192.0.2.10', true],
  ])('%s: %s', (client, expected) => {
    expect(trusts(file, client)).toBe(expected)
  })

  test('present and empty trusts nobody', () => {
    for (const text of ['', '\n\n', '# nobody\n']) {
      expect(trusts(text, '127.0.0.1')).toBe(false)
      expect(trusts(text, '0.0.0.0')).toBe(false)
    }
  })

  test.each([
    ['255.255.255.255', /dracd\.allow:1: "255\.255\.255\.255" is not a rule; write "netmask netaddr"/],
    ['192.0.2.0/24', /dracd\.allow:1/],
    ['# fine\n255.255.255.255 mail.example.com', /dracd\.allow:2: "mail\.example\.com" is not an IP address/],
    ['255.255.255.255 192.0.2.1 192.0.2.2', /is not a rule/],
    ['255.255.255.0 2001:db8::', /different families/],
    ['0.0.0.0 0.0.0.0', /trusts every host on the Internet/],
    [':: ::', /trusts every host on the Internet/],
  ])('a line that cannot be read refuses the whole file: %j', (text, expected) => {
    expect(() => parseAllowFile(text, 'dracd.allow')).toThrow(expected)
    expect(() => parseAllowFile(text, 'dracd.allow')).toThrow(expect.objectContaining({ kind: 'config' }))
  })

  test('host bits can match nobody, as ever, and are pointed out', () => {
    const { trusted, warnings } = parseAllowFile('255.255.255.0 192.0.2.1\n', 'dracd.allow')
    expect(trusted.find(parseAddress('192.0.2.1'))).toBeUndefined()
    expect(warnings).toEqual([expect.stringMatching(/^dracd\.allow:1: .*can match nobody/)])
  })
})

test('a missing file means this host alone', () => {
  const trusted = trustOwnHost(() => new Set([parseAddress('192.0.2.1')]))
  expect(
    ['127.0.0.1', '127.0.0.9', '::1', '192.0.2.1', '192.0.2.2', '2001:db8::1'].map(
      (a) => trusted.find(parseAddress(a)) !== undefined,
    ),
  ).toEqual([true, true, true, true, false, false])
})

test('trusted_clients takes addresses and networks of both families', () => {
  const trusted = trustNetworks(['127.0.0.1', '192.0.2.0/24', '2001:db8::/32'].map(parsePrefix))
  expect(trusted.find(parseAddress('192.0.2.77'))).toBe('trusted_clients 192.0.2.0/24')
  expect(trusted.find(parseAddress('127.0.0.2'))).toBeUndefined()
  expect(trusted.find(parseAddress('2001:db8:1::1'))).toBeDefined()
})
