import { describe, expect, test } from 'vitest'
import { buildImage, emptyMap, recordOf } from './image.ts'
import type { MapConfig } from './map-config.ts'
import { contentOf } from './staleness.ts'

const NOW = 2_000_000_000
const config = (more: Partial<MapConfig>): MapConfig => ({
  path: '/etc/mail/drac',
  format: 'btree',
  key: 'address',
  value: 'expiry',
  nul: false,
  ...more,
})
const file = (more: Partial<MapConfig>): Uint8Array => {
  const shape = config(more)
  const clients: [string, number][] = [
    ['192.0.2.1', NOW - 1],
    ['192.0.2.2', NOW],
    ['192.0.2.3', NOW + 1],
    ['2001:db8::5', NOW - 1],
  ]
  return buildImage(
    clients.map(([address, expiresAt]) => recordOf(address, expiresAt, shape)),
    shape,
  ).bytes
}

describe('how much of a map is over', () => {
  test.each<[Partial<MapConfig>, keys: number, expired: number]>([
    [{}, 9, 7],
    [{ nul: true }, 9, 7],
    [{ format: 'hash' }, 9, 7],
    [{ format: 'hash', nul: true, key: 'cidr' }, 9, 7],
    [{ format: 'cdb', key: 'exim' }, 5, 3],
    [{ format: 'text' }, 7, 5],
    [{ format: 'text', key: 'cidr' }, 4, 2],
    [{ format: 'text', key: 'exim' }, 5, 3],
  ])('%j', (more, keys, expired) => {
    expect(contentOf(file(more), config(more), NOW)).toEqual({ keys, expired })
    expect(contentOf(file(more), config(more), NOW + 2)).toEqual({ keys, expired: keys })
    expect(contentOf(file(more), config(more), NOW - 1)).toEqual({ keys, expired: 0 })
  })

  test.each<[Partial<MapConfig>, keys: number]>([
    [{ value: 'OK' }, 9],
    [{ value: '1' }, 9],
    [{ format: 'text', value: '', key: 'cidr' }, 4],
    [{ format: 'tcprules' }, 4],
  ])('%j: that cannot be known', (more, keys) => {
    expect(contentOf(file(more), config(more), NOW)).toEqual({ keys, expired: undefined })
  })

  test('a map of other settings than these says so by what cannot be known', () => {
    expect(contentOf(file({ value: 'OK' }), config({}), NOW)).toEqual({ keys: 9, expired: undefined })
  })

  test.each<Partial<MapConfig>>([{}, { value: 'OK' }, { format: 'tcprules' }, { format: 'text', value: '' }])(
    'an empty map is never over: %j',
    (more) => {
      expect(contentOf(emptyMap(config(more)), config(more), NOW)).toEqual({ keys: 0, expired: 0 })
    },
  )

  test.each(['btree', 'hash', 'cdb', 'tcprules'] as const)('bytes that are no %s', (format) => {
    expect(() => contentOf(Buffer.alloc(10_000, 7), config({ format }), NOW)).toThrow(
      expect.objectContaining({ kind: 'malformed' }),
    )
  })
})
