// Addresses that many different users log in from.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../src/core/changes.ts'
import { explain } from '../../src/core/explain.ts'
import { trustNetworks, trustOwnHost } from '../../src/core/trusted-clients.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { Fixture, LIFETIME, policy } from './fixture.ts'

const A = '192.0.2.25'
const WINDOW = 86_400
const told: string[] = []
const listen = (message: unknown): void => {
  const change = message as Change
  told.push([change.type, change.authorization.key, ...('by' in change ? [change.by] : [])].join(' '))
}
beforeEach(() => {
  told.length = 0
  subscribe('drac.change', listen)
})
afterEach(() => unsubscribe('drac.change', listen))

const users = async (f: Fixture, ...names: string[]): Promise<unknown[]> => {
  const results = []
  for (const user of names) results.push(await f.add(A, { user }))
  return results.map((result) => (result as { reason?: string }).reason ?? (result as { status: string }).status)
}

describe('shared_lifetime = 0', () => {
  let f: Fixture
  const shared = { users: 2, window: WINDOW, lifetime: 0 }
  beforeEach(() => {
    f = new Fixture({ shared })
  })

  test('one user too many takes back what there is, and is told to map files', async () => {
    expect(await users(f, 'ann', 'bob', 'ann', 'cid', 'ann')).toEqual([
      'added',
      'renewed',
      'renewed',
      'shared',
      'shared',
    ])
    expect(f.may(A)).toBe(false)
    expect(told.at(-1)).toBe(`revoked ${A} shared_users`)
    expect(f.table.counters.ignored.shared).toBe(2)
    expect(explain(f.table, parseAddress(A)).reason).toContain('more than shared_users')
  })

  test('logins that are not written yet are taken back too', async () => {
    await Promise.all(['ann', 'bob', 'cid'].map((user) => f.add(A, { user })))
    expect(f.may(A)).toBe(false)
  })

  test('open sessions renew nothing there', async () => {
    await f.login(A, 's1', { user: 'ann' })
    await users(f, 'bob', 'cid')
    await f.pass(LIFETIME)
    expect(f.may(A)).toBe(false)
    await f.logout('s1')
    expect(f.may(A)).toBe(false)
  })

  test('within the window only; who was not named does not count', async () => {
    expect(await users(f, 'ann', 'bob')).toEqual(['added', 'renewed'])
    for (let i = 0; i < 5; i++) await f.add(A)
    await f.pass(WINDOW + 1, 86_400)
    expect(await users(f, 'cid', 'dan')).toEqual(['added', 'renewed'])
    expect(await users(f, 'ann')).toEqual(['shared'])
  })

  test('after a restart the users that are stored still count', async () => {
    await users(f, 'ann', 'bob')
    f.restart({ shared })
    expect(await users(f, 'cid')).toEqual(['shared'])
    expect(f.may(A)).toBe(false)
  })

  test('LOGOUT of such an address gives nothing back', async () => {
    await f.held(A, 1, { user: 'ann' })
    await users(f, 'bob', 'cid')
    await f.withdraw(A, 1)
    expect(f.may(A)).toBe(false)
  })
})

describe('a shorter shared_lifetime', () => {
  let f: Fixture
  beforeEach(() => {
    f = new Fixture({ shared: { users: 1, window: WINDOW, lifetime: 300 } })
  })

  test('is what there is from then on, and told to map files', async () => {
    expect(await users(f, 'ann')).toEqual(['added'])
    expect(f.left(A)).toBe(LIFETIME)
    expect(await users(f, 'bob')).toEqual(['renewed'])
    expect(f.left(A)).toBe(300)
    expect(told).toContain(`shortened ${A} shared_users`)
    f.now += 100
    expect(await users(f, 'ann')).toEqual(['renewed'])
    expect(f.left(A)).toBe(300)
  })

  test('also when the longer one is not written yet', async () => {
    await Promise.all(['ann', 'bob'].map((user) => f.add(A, { user })))
    expect(f.left(A)).toBe(300)
  })

  test('a revocation at the same time wins over who is still connected', async () => {
    await f.add(A, { user: 'ann' })
    await Promise.all([f.alive(A, 's1', { user: 'bob' }), f.revoke(A)])
    expect(f.may(A)).toBe(false)
  })

  test('who stays connected stays authorized', async () => {
    await f.login(A, 's1', { user: 'ann' })
    await f.login(A, 's2', { user: 'bob' })
    for (let i = 0; i < 200; i++) {
      await f.pass(30, 30)
      expect(f.may(A)).toBe(true)
      expect(f.left(A)).toBeLessThanOrEqual(300)
    }
  })

  test('longer than the lifetime it lengthens nothing', async () => {
    f.table.setPolicy(policy({ lifetime: 100, shared: { users: 1, window: WINDOW, lifetime: 300 } }))
    await users(f, 'ann', 'bob')
    expect(f.left(A)).toBe(100)
  })
})

test('shared_users = 0 counts nobody', async () => {
  const f = new Fixture()
  await users(f, ...Array.from({ length: 50 }, (_, i) => `user${i}`))
  expect(f.left(A)).toBe(LIFETIME)
})

describe('who is never authorized', () => {
  test('a mail server or proxy of our own, by its address; not everybody of a trusted network', async () => {
    const f = new Fixture({ trustedClients: trustNetworks(['198.51.100.1', '10.0.0.0/8'].map(parsePrefix)) })
    expect(await f.login('198.51.100.1', 's1')).toEqual({ status: 'ignored', reason: 'own-server' })
    expect(await f.add('::ffff:198.51.100.1')).toEqual({ status: 'ignored', reason: 'own-server' })
    expect((await f.add('10.1.2.3')).status).toBe('added')
    await f.pass(60)
    expect([f.may('198.51.100.1'), f.table.sessions.count]).toEqual([false, 0])
  })

  test.each(['anonymous', 'ANONYMOUS', 'anonymous@example.org'])('%s, who is anybody', async (user) => {
    const f = new Fixture()
    const event = { client: parseAddress(A), reporter: 'local', via: 'cyrus', user } as const
    const session = { id: 's1', kind: 'renews' } as const
    for (const kind of ['login', 'alive'] as const)
      expect(await f.table.add({ ...event, kind, session })).toEqual({ status: 'ignored', reason: 'anonymous' })
    expect([f.may(A), f.table.sessions.count, f.table.counters.ignored.anonymous]).toEqual([false, 0, 2])
    expect((await f.table.add({ ...event, user: `${user.slice(0, 4)}` })).status).toBe('added')
  })

  test('our own host by default may log in to itself, by another address than loopback', async () => {
    const f = new Fixture({ trustedClients: trustOwnHost(() => new Set([parseAddress('198.51.100.1')])) })
    expect((await f.add('198.51.100.1')).status).toBe('added')
  })

  test('exempt networks and loopback, by whichever report', async () => {
    const f = new Fixture({ exemptNetworks: new PrefixSet([parsePrefix('203.0.113.0/24')]) })
    for (const add of [
      f.add.bind(f),
      f.held.bind(f),
      (client: string) => f.login(client, 's'),
      (client: string) => f.alive(client, 's'),
    ]) {
      expect(await add('203.0.113.7')).toEqual({ status: 'ignored', reason: 'exempt' })
      expect(await add('127.0.0.1')).toEqual({ status: 'ignored', reason: 'impossible' })
    }
    expect([f.store.count(), f.table.sessions.count]).toEqual([0, 0])
  })
})
