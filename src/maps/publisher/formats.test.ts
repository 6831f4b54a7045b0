import { describe, expect, test } from 'vitest'
import { BtreeReader } from '../../protocols/berkeley-db/btree-reader.ts'
import { HashReader } from '../../protocols/berkeley-db/hash-reader.ts'
import { CdbReader } from '../../protocols/cdb/cdb-reader.ts'
import { formatOf } from './formats.ts'
import { buildImage, emptyMap, recordOf } from './image.ts'
import { checkMapConfig, type MapConfig } from './map-config.ts'

const config = (more: Partial<MapConfig> = {}): MapConfig => ({
  path: '/etc/mail/drac',
  format: 'btree',
  key: 'address',
  value: 'OK',
  nul: false,
  ...more,
})
const ADDRESSES = ['192.0.2.5', '2001:db8::5']
const NETWORKS = ['198.51.100.0/24', '2001:db8:1:2::/64']
const build = (more: Partial<MapConfig>, clients = ADDRESSES): Buffer => {
  const shape = config(more)
  const records = clients.map((client, i) => recordOf(client, 2_000_000_000 + i, shape))
  return Buffer.from(buildImage(records, shape).bytes)
}
const HEADER = '# Kept by dracd; what is changed here is lost.\n'
const lines = (more: Partial<MapConfig>, clients?: string[]): string[] => {
  const text = build({ format: 'text', ...more }, clients).toString()
  expect(text.startsWith(HEADER)).toBe(true)
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(HEADER.length).split('\n').slice(0, -1).sort()
}

describe('databases', () => {
  const SPELLINGS = [
    '192.0.2.5',
    '2001:db8:0:0:0:0:0:5',
    '2001:db8::5',
    'IPv6:2001:db8:0:0:0:0:0:5',
    'IPv6:2001:db8::5',
    'ipv6:2001:db8:0:0:0:0:0:5',
    'ipv6:2001:db8::5',
  ]
  const READERS = { btree: BtreeReader, hash: HashReader, cdb: CdbReader } as const

  describe.each(['btree', 'hash', 'cdb'] as const)('%s', (format) => {
    const read = (more: Partial<MapConfig>, clients?: string[]): Record<string, string> =>
      Object.fromEntries(new READERS[format](build({ format, ...more }, clients)).entries())

    test('every spelling, found by look-up and by listing', () => {
      const reader = new READERS[format](build({ format }))
      for (const key of SPELLINGS) expect(reader.get(key)).toBe('OK')
      expect(Array.from(reader.entries(), ([key]) => key).sort()).toEqual(SPELLINGS)
    })

    test('expiries, and NULs after key and value', () => {
      expect(read({ value: 'expiry' })).toMatchObject({ '192.0.2.5': '2000000000', '2001:db8::5': '2000000001' })
      expect(read({ value: 'expiry', nul: true })).toMatchObject({ '192.0.2.5\0': '2000000000\0' })
      expect(read({ nul: true })['ipv6:2001:db8::5\0']).toBe('OK\0')
    })

    test('cidr: the width after every key', () => {
      expect(Object.keys(read({ key: 'cidr' })).sort()).toEqual(
        SPELLINGS.map((key) => (key.includes(':') ? `${key}/128` : `${key}/32`)).sort(),
      )
    })

    test('exim: compressed, and eight groups of four digits with dots; networks as net64-cdb asks', () => {
      expect(Object.keys(read({ key: 'exim' }, [...ADDRESSES, ...NETWORKS])).sort()).toEqual([
        '192.0.2.5',
        '198.51.100.0/24',
        '2001.0db8.0000.0000.0000.0000.0000.0005',
        '2001.0db8.0001.0002.0000.0000.0000.0000/64',
        '2001:db8::5',
      ])
    })

    test('networks only where they can be found', () => {
      const holds = (key: MapConfig['key']): boolean => formatOf(config({ format, key })).holdsNetworks(config({ key }))
      expect([holds('address'), holds('cidr'), holds('exim')]).toEqual([false, false, true])
    })
  })
})

describe('tcprules', () => {
  const read = (clients: string[]): [string, string][] =>
    Array.from(new CdbReader(build({ format: 'tcprules', value: 'expiry' }, clients)).entries(), (entry) => [...entry])

  test('RELAYCLIENT for who may relay, and the default record that lets everybody else in', () => {
    expect(read(ADDRESSES)).toEqual([
      ['192.0.2.5', '+RELAYCLIENT=\0'],
      ['2001:db8::5', '+RELAYCLIENT=\0'],
      ['', ''],
    ])
  })

  test('an empty map has the default record', () => {
    expect(read([])).toEqual([['', '']])
    expect(new CdbReader(emptyMap(config({ format: 'tcprules', value: 'expiry' }))).get('')).toBe('')
  })

  test('the default record is no key of the map, in counts and in listings', () => {
    const shape = config({ format: 'tcprules', value: 'expiry' })
    expect(buildImage(['192.0.2.5\0'], shape).keys).toBe(1)
    expect([...formatOf(shape).entries(build(shape), shape)]).toHaveLength(2)
  })
})

describe('text', () => {
  test('address: a line for each spelling, none twice when keys are folded to lower case', () => {
    expect(lines({})).toEqual([
      '192.0.2.5\tOK',
      '2001:db8:0:0:0:0:0:5\tOK',
      '2001:db8::5\tOK',
      'ipv6:2001:db8:0:0:0:0:0:5\tOK',
      'ipv6:2001:db8::5\tOK',
    ])
    expect(lines({ value: 'expiry' })).toContain('192.0.2.5\t2000000000')
    expect(lines({}, ['2001:db8:1:2:3:4:5:6'])).toEqual(['2001:db8:1:2:3:4:5:6\tOK', 'ipv6:2001:db8:1:2:3:4:5:6\tOK'])
  })

  test('cidr: addresses and networks', () => {
    expect(lines({ key: 'cidr' }, [...ADDRESSES, ...NETWORKS])).toEqual([
      '192.0.2.5/32\tOK',
      '198.51.100.0/24\tOK',
      '2001:db8:1:2::/64\tOK',
      '2001:db8::5/128\tOK',
    ])
  })

  test('exim: IPv6 in quotes, and dotted; networks', () => {
    expect(lines({ key: 'exim' }, [...ADDRESSES, ...NETWORKS])).toEqual([
      '"2001:db8:1:2::/64": OK',
      '"2001:db8::5": OK',
      '192.0.2.5: OK',
      '198.51.100.0/24: OK',
      '2001.0db8.0000.0000.0000.0000.0000.0005: OK',
      '2001.0db8.0001.0002.0000.0000.0000.0000/64: OK',
    ])
  })

  test('without a value it is a list', () => {
    expect(lines({ value: '' }, ['192.0.2.5', '192.0.2.6'])).toEqual(['192.0.2.5', '192.0.2.6'])
    expect(lines({ value: '', key: 'cidr' }, NETWORKS)).toEqual(NETWORKS)
  })

  test('an empty map is a comment', () =>
    expect(Buffer.from(emptyMap(config({ format: 'text' }))).toString()).toBe(HEADER))

  test.each([
    [{ key: 'address', value: 'OK' }],
    [{ key: 'address', value: 'expiry' }],
    [{ key: 'cidr', value: '' }],
    [{ key: 'exim', value: 'may: relay' }],
    [{ key: 'exim', value: '' }],
  ] as const)('%j is read as it was written', (more) => {
    const shape = config({ format: 'text', ...more })
    const entries = [...formatOf(shape).entries(build(shape), shape)]
    expect(entries).toHaveLength(lines(more).length)
    expect(new Set(entries.map(([, value]) => value)).size).toBe(more.value === 'expiry' ? 2 : 1)
    expect(entries[0]![0]).toBe(more.key === 'cidr' ? '192.0.2.5/32' : '192.0.2.5')
    if (more.value !== 'expiry') expect(entries[0]![1]).toBe(more.value)
  })
})

describe('every format', () => {
  const FORMATS = ['btree', 'hash', 'cdb', 'tcprules', 'text'] as const

  test.each(FORMATS)('%s: the same content is the same image, another is another', (format) => {
    const shape = config({ format, value: 'expiry' })
    const id = (clients: string[]): string =>
      buildImage(
        clients.map((c) => recordOf(c, 2_000_000_000, shape)),
        shape,
      ).id
    expect(id(ADDRESSES)).toBe(id(ADDRESSES))
    expect(new Set([id(ADDRESSES), id(ADDRESSES.slice(1)), id([])]).size).toBe(3)
  })

  test.each(FORMATS)('%s: an empty map holds nobody', (format) => {
    const shape = config({ format, value: 'expiry' })
    expect([...formatOf(shape).entries(emptyMap(shape), shape)]).toEqual([])
  })
})

describe('settings that do not go together', () => {
  test.each<[Partial<MapConfig>, RegExp]>([
    [{ format: 'tcprules', value: 'OK' }, /tcprules.*leave value out/],
    [{ format: 'tcprules', value: 'expiry', key: 'cidr' }, /tcprules.*leave key out/],
    [{ format: 'tcprules', value: 'expiry', nul: true }, /tcprules.*nul/],
    [{ format: 'text', nul: true }, /text.*nul/],
    [{ format: 'text', value: ' OK' }, /text.*spaces/],
    [{ format: 'hash', value: '' }, /value must be/],
    [{ format: 'cdb', value: 'a\nb' }, /value must be/],
    [{ command: 'postmap\0x' }, /command/],
  ])('%j', (more, message) => {
    const refused = expect.objectContaining({ kind: 'config', message: expect.stringMatching(message) })
    expect(() => checkMapConfig(config(more))).toThrow(refused)
    expect(() => emptyMap(config(more))).toThrow(refused)
  })

  test('what does go together', () => {
    for (const format of ['btree', 'hash', 'cdb', 'text'] as const) {
      for (const key of ['address', 'cidr', 'exim'] as const) checkMapConfig(config({ format, key }))
    }
    checkMapConfig(config({ format: 'tcprules', value: 'expiry', command: 'true' }))
    checkMapConfig(config({ format: 'text', value: '' }))
  })
})
