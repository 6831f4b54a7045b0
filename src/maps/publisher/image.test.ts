import { describe, expect, test } from 'vitest'
import { BtreeReader } from '../../protocols/berkeley-db/btree-reader.ts'
import { buildImage, recordOf } from './image.ts'
import { checkMapConfig, type MapConfig } from './map-config.ts'

const config = (more: Partial<MapConfig> = {}): MapConfig => ({
  path: '/etc/mail/dracd.db',
  format: 'btree',
  key: 'address',
  value: 'expiry',
  nul: false,
  ...more,
})
const CLIENTS = [
  ['2001:db8::5', 2_000_000_001],
  ['192.0.2.5', 2_000_000_002],
  ['192.0.2.50', 2_000_000_003],
  ['fd00::1', 2_000_000_004],
] as const
const read = (more: Partial<MapConfig> = {}): Record<string, string> => {
  const texts = CLIENTS.map(([address, expiresAt]) => recordOf(address, expiresAt, config(more)))
  const image = buildImage(texts, config(more))
  const entries = Object.fromEntries(new BtreeReader(image.bytes).entries())
  expect(Object.keys(entries)).toHaveLength(image.keys)
  return entries
}

test('value expiry: seconds in ASCII under every spelling', () => {
  const entries = read()
  expect(Object.keys(entries)).toHaveLength(14)
  expect(entries).toMatchObject({
    '192.0.2.5': '2000000002',
    '192.0.2.50': '2000000003',
    'ipv6:2001:db8:0:0:0:0:0:5': '2000000001',
    'fd00::1': '2000000004',
    'IPv6:fd00:0:0:0:0:0:0:1': '2000000004',
  })
})

test('a fixed value is the value of all', () => {
  expect(new Set(Object.values(read({ value: 'OK' })))).toEqual(new Set(['OK']))
  expect(Object.keys(read({ value: 'OK' })).sort()).toEqual(Object.keys(read()).sort())
})

test('nul ends keys and values', () => {
  const entries = read({ nul: true, value: 'OK' })
  expect(entries['192.0.2.5\0']).toBe('OK\0')
  expect(Object.keys(entries).every((key) => key.endsWith('\0'))).toBe(true)
  expect(read({ nul: true })['192.0.2.50\0']).toBe('2000000003\0')
})

test('cidr', () => {
  expect(read({ key: 'cidr' })).toMatchObject({ '192.0.2.5/32': '2000000002', '2001:db8::5/128': '2000000001' })
})

test('page size, and the same content is the same image', () => {
  const small = buildImage(['192.0.2.5\x002000000000\x00'], config({ pageSize: 512 }))
  expect(small.bytes.length).toBe(1024)
  expect(buildImage(['192.0.2.5\x002000000000\x00'], config({ pageSize: 512 })).id).toBe(small.id)
  expect(buildImage(['192.0.2.5\x002000000001\x00'], config({ pageSize: 512 })).id).not.toBe(small.id)
})

describe('a configuration that cannot be meant', () => {
  test.each([{ path: 'dracd.db' }, { value: '' }, { value: 'a\tb' }, { value: 'x'.repeat(101) }])('%j', (more) => {
    expect(() => checkMapConfig(config(more))).toThrow(expect.objectContaining({ kind: 'config' }))
  })
  test('good ones pass', () => {
    for (const more of [{}, { value: 'OK' }, { value: '250 OK' }]) checkMapConfig(config(more))
  })
})
