// The rules of the relay table, on the memory store and a clock of our own.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Change, changes } from '../../src/core/changes.ts'
import { explain } from '../../src/core/explain.ts'
import type { LoginEvent } from '../../src/core/login-event.ts'
import type { RelayPolicy } from '../../src/core/policy.ts'
import { RelayTable } from '../../src/core/relay-table.ts'
import { revokeWhere } from '../../src/core/revoke-where.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import { type Address, parseAddress } from '../../src/lib/address.ts'
import { tempfail } from '../../src/lib/errors.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { MemoryStore } from '../../src/store/memory.ts'

const POPD = parseAddress('198.51.100.1')
const CLIENT = parseAddress('192.0.2.25')

const policy = (changed: Partial<RelayPolicy> = {}): RelayPolicy => ({
  lifetime: 1800,
  maxLifetime: 86_400,
  ipv4Prefix: 32,
  ipv6Prefix: 128,
  trustedClients: trustNetworks(['127.0.0.1', '::1', '198.51.100.1'].map(parsePrefix)),
  exemptNetworks: new PrefixSet([]),
  sessionLease: 21_600,
  maxSession: 86_400,
  shared: { users: 0, window: 86_400, lifetime: 0 },

  ownAddresses: () => new Set([parseAddress('198.51.100.1')]),
  ...changed,
})

let now: number
let store: MemoryStore
let table: RelayTable
beforeEach(() => {
  now = 1_000_000
  store = new MemoryStore({ maxEntries: 1000 })
  table = new RelayTable(store, policy(), () => now)
})

const login = (client: string, more: Partial<LoginEvent> = {}): LoginEvent => ({
  client: parseAddress(client),
  reporter: POPD,
  via: 'test',
  ...more,
})
const may = (client: string): boolean => table.lookup(parseAddress(client)).action === 'permit'

describe('expiry', () => {
  test('holds to the second, without a sweep', async () => {
    await table.add(login('192.0.2.25'))
    now += 1800
    expect(may('192.0.2.25')).toBe(true)
    now += 1
    expect(may('192.0.2.25')).toBe(false)
    expect(store.count()).toBe(1)
  })

  test('a renewal lengthens', async () => {
    await table.add(login('192.0.2.25'))
    now += 1700
    expect((await table.add(login('192.0.2.25'))).status).toBe('renewed')
    now += 1800
    expect(may('192.0.2.25')).toBe(true)
  })

  test('a renewal never shortens', async () => {
    await table.add(login('192.0.2.25', { lifetime: 7200 }))
    await table.add(login('192.0.2.25', { lifetime: 10 }))
    now += 7200
    expect(may('192.0.2.25')).toBe(true)
  })

  test('nobody gets more than max_lifetime', async () => {
    await table.add(login('192.0.2.25', { lifetime: 999_999_999 }))
    now += 86_401
    expect(may('192.0.2.25')).toBe(false)
  })

  test('the sweep reclaims and says so', async () => {
    const seen: Change[] = []
    const listen = (change: unknown): void => void seen.push(change as Change)
    changes.subscribe(listen)
    await table.add(login('192.0.2.25'))
    now += 1801
    await table.sweep()
    changes.unsubscribe(listen)
    expect(store.count()).toBe(0)
    expect(seen.map(({ type }) => type)).toEqual(['added', 'expired'])
  })

  test('a clock that is set back gives nobody more time', async () => {
    await table.add(login('192.0.2.25'))
    now -= 3600
    await store.shift(-3600)
    now += 1801
    expect(may('192.0.2.25')).toBe(false)
  })
})

describe('who may report', () => {
  test('nobody but the trusted clients', async () => {
    expect(await table.add(login('192.0.2.25', { reporter: parseAddress('203.0.113.9') }))).toEqual({
      status: 'refused',
      reason: 'untrusted-reporter',
    })
    expect(may('192.0.2.25')).toBe(false)
    expect(table.counters.refused['untrusted-reporter']).toBe(1)
  })

  test.each(['127.0.0.1', '::1', '198.51.100.1'])(
    'not %s, when the portmapper may have made the call for a stranger',
    async (reporter) => {
      const event = login('192.0.2.25', { reporter: parseAddress(reporter), forwardable: true })
      expect(await table.add(event)).toEqual({ status: 'refused', reason: 'forwarding-portmapper' })
      expect(may('192.0.2.25')).toBe(false)
    },
  )

  test('the control socket, which its file mode guards', async () => {
    table.setPolicy(policy({ trustedClients: trustNetworks([]) }))
    expect((await table.add(login('192.0.2.25', { reporter: 'local' }))).status).toBe('added')
  })
})

describe('who is never authorized', () => {
  test.each(['0.0.0.0', '127.0.0.1', '::1', '224.0.0.1', '255.255.255.255', 'fe80::1', '::'])('%s', async (client) => {
    expect(await table.add(login(client))).toEqual({ status: 'ignored', reason: 'impossible' })
    expect(may(client)).toBe(false)
    expect(store.count()).toBe(0)
    expect(explain(table, parseAddress(client)).reason).toMatch(/which is never authorized/)
  })

  test('exempt networks', async () => {
    table.setPolicy(policy({ exemptNetworks: new PrefixSet([parsePrefix('10.0.0.0/8')]) }))
    expect(await table.add(login('10.1.2.3'))).toEqual({ status: 'ignored', reason: 'exempt' })
    expect(await table.add(login('10.1.2.3'))).toEqual({ status: 'ignored', reason: 'exempt' })
    expect(may('10.1.2.3')).toBe(false)
    expect(explain(table, parseAddress('10.1.2.3'))).toMatchObject({
      action: 'dunno',
      exempt: '10.0.0.0/8',
      unstored: { reason: 'exempt', count: 2, source: 'test 198.51.100.1' },
    })
  })

  test('an address that becomes exempt, from that moment on', async () => {
    await table.add(login('10.1.2.3'))
    expect(may('10.1.2.3')).toBe(true)
    table.setPolicy(policy({ exemptNetworks: new PrefixSet([parsePrefix('10.1.2.3')]) }))
    expect(may('10.1.2.3')).toBe(false)
  })
})

describe('networks', () => {
  const wide = policy({ ipv6Prefix: 64 })

  test('a login authorizes its /64 where that is set, and nothing beside it', async () => {
    table.setPolicy(wide)
    await table.add(login('2001:db8:1:2:3::4'))
    expect(may('2001:db8:1:2::9')).toBe(true)
    expect(may('2001:db8:1:3::9')).toBe(false)
    expect(may('2001:db8:1:1:ffff::')).toBe(false)
    expect(may('192.0.2.25')).toBe(false)
  })

  test('entries of both widths count when the setting was changed between', async () => {
    await table.add(login('2001:db8:9::1'))
    table.setPolicy(wide)
    await table.add(login('2001:db8:1:2:3::4'))
    table.setPolicy(policy())
    expect(may('2001:db8:9::1')).toBe(true)
    expect(may('2001:db8:1:2::9')).toBe(true)
  })

  test('an expired address does not hide its live network', async () => {
    await table.add(login('2001:db8:1:2::4', { lifetime: 10 }))
    table.setPolicy(wide)
    await table.add(login('2001:db8:1:2::5'))
    now += 11
    expect(may('2001:db8:1:2::4')).toBe(true)
  })

  test('revoking an address withdraws the network around it', async () => {
    table.setPolicy(wide)
    await table.add(login('2001:db8:1:2:3::4'))
    expect((await table.revoke(parseAddress('2001:db8:1:2::9'), 'test')).map(({ key }) => key as string)).toEqual([
      '2001:db8:1:2::/64',
    ])
    expect(may('2001:db8:1:2:3::4')).toBe(false)
  })
})

describe('revocation', () => {
  test('by user and by source, and nothing else', async () => {
    await table.add(login('192.0.2.1', { user: 'alice' }))
    await table.add(login('192.0.2.2', { user: 'bob' }))
    await table.add(login('192.0.2.3', { via: 'other' }))
    expect(await revokeWhere(table, { user: 'alice' }, 'test')).toEqual(['192.0.2.1'])
    expect(await revokeWhere(table, { source: 'other' }, 'test')).toEqual(['192.0.2.3'])
    expect([may('192.0.2.1'), may('192.0.2.2'), may('192.0.2.3')]).toEqual([false, true, false])
  })

  test('of everything, more than one slice', async () => {
    store = new MemoryStore({ maxEntries: 5000 })
    table = new RelayTable(store, policy(), () => now)
    await Promise.all(Array.from({ length: 2500 }, (_, i) => table.add(login(`10.0.${i >> 8}.${i & 255}`))))
    expect(await revokeWhere(table, {}, '-i')).toHaveLength(2500)
    expect(store.count()).toBe(0)
  })
})

describe('store trouble is never a permit', () => {
  const down = (): never => {
    throw tempfail('DRAC_STORE_DOWN', 'no store')
  }

  test('a look-up throws tempfail, also for a client that was authorized', async () => {
    await table.add(login('192.0.2.25'))
    store.get = down
    expect(() => table.lookup(CLIENT)).toThrow(expect.objectContaining({ kind: 'tempfail' }))
    expect(table.counters.lookups.tempfail).toBe(1)
  })

  test('a report rejects with tempfail', async () => {
    store.put = async () => down()
    await expect(table.add(login('192.0.2.25'))).rejects.toMatchObject({ kind: 'tempfail' })
    expect(table.counters.storeFailures).toBe(1)
  })
})

test('a full table refuses newcomers and explains itself', async () => {
  store = new MemoryStore({ maxEntries: 1 })
  table = new RelayTable(store, policy(), () => now)
  await table.add(login('192.0.2.1'))
  expect(await table.add(login('192.0.2.2'))).toEqual({ status: 'refused', reason: 'table-full' })
  expect((await table.add(login('192.0.2.1'))).status).toBe('renewed')
  expect(explain(table, '192.0.2.2' as Address).reason).toMatch(/^its login was refused: table-full/)
})
