// Addresses stay authorized while somebody is connected from them, and for one lifetime after.
import { beforeEach, describe, expect, test } from 'vitest'
import { explain } from '../../src/core/explain.ts'
import { revokeWhere } from '../../src/core/revoke-where.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { Fixture, LIFETIME, MAX_SESSION, policy } from './fixture.ts'

const A = '192.0.2.25'
let f: Fixture
beforeEach(() => {
  f = new Fixture()
})

describe('a connection', () => {
  test('keeps its address authorized past the lifetime; logout leaves exactly one', async () => {
    await f.login(A, 's1', { user: 'alice' })
    await f.pass(4 * LIFETIME)
    expect(f.may(A)).toBe(true)
    expect(await f.logout('s1')).toEqual({ status: 'ended' })
    expect(f.left(A)).toBe(LIFETIME)
    await f.pass(LIFETIME)
    expect(f.may(A)).toBe(true)
    await f.pass(1)
    expect(f.may(A)).toBe(false)
    expect(f.table.logins(A as never)).toMatchObject([{ user: 'alice', source: 'test' }])
  })

  test('is renewed before a quarter of the lifetime has passed: a crash leaves at least three', async () => {
    await f.login(A, 's1')
    for (let i = 0; i < 100; i++) {
      await f.pass(97, 97)
      expect(f.left(A)).toBeGreaterThanOrEqual(LIFETIME - LIFETIME / 4)
    }
    expect(f.table.counters.renewed).toBeLessThan((100 * 97) / (LIFETIME / 4) + 1)
  })

  test('without a logout ends with its lease, and a lifetime later', async () => {
    await f.login(A, 's1', { session: { id: 's1', kind: 'renews', lease: 3600 } })
    await f.pass(3600 + LIFETIME / 2)
    expect(f.may(A)).toBe(true)
    await f.pass(LIFETIME / 2 + 1)
    expect(f.may(A)).toBe(false)
    await f.table.sweep()
    expect(f.table.sessions.count).toBe(0)
    expect(await f.logout('s1')).toEqual({ status: 'unknown' })
    expect(f.may(A)).toBe(false)
  })

  test('that nobody has spoken of for session_lease ends by it', async () => {
    await f.login(A, 's1')
    await f.pass(21_600 + LIFETIME + 1)
    expect(f.may(A)).toBe(false)
  })

  test('renews for max_session at most, whatever is said of it', async () => {
    await f.login(A, 's1')
    for (let passed = 0; passed < MAX_SESSION + LIFETIME; passed += 600) {
      await f.pass(600, 600)
      await f.alive(A, 's1', { session: { id: 's1', kind: 'renews', lease: 1500 } })
      await f.table.sweep()
    }
    await f.pass(1)
    expect(f.may(A)).toBe(false)
    // Not even a day later, as long as it is spoken of.
    for (let passed = 0; passed < MAX_SESSION; passed += 600) {
      await f.pass(600, 600)
      expect(await f.alive(A, 's1', { session: { id: 's1', kind: 'renews', lease: 1500 } })).toMatchObject({
        reason: 'too-old',
      })
      await f.table.sweep()
      expect(f.may(A)).toBe(false)
    }
    expect((await f.login(A, 's1')).status).toBe('added')
    await f.pass(LIFETIME + 1)
    expect(f.may(A)).toBe(true)
  })

  test('that is only ever seen by polls counts from the first of them', async () => {
    await f.alive(A, 's1', { session: { id: 's1', kind: 'renews', lease: 150 } })
    await f.pass(100)
    await f.alive(A, 's1', { session: { id: 's1', kind: 'renews', lease: 150 } })
    expect(f.table.sessions.get('test s1')).toMatchObject({ openedAt: f.now - 100, leaseUntil: f.now + 150 })
  })

  test('is one of several: the last to end counts', async () => {
    await f.login(A, 's1')
    await f.login(A, 's2')
    await f.pass(LIFETIME * 2)
    await f.logout('s1')
    await f.pass(LIFETIME * 2)
    expect(f.may(A)).toBe(true)
    await f.logout('s2')
    await f.pass(LIFETIME + 1)
    expect(f.may(A)).toBe(false)
  })

  test('is named together with its reporter and its source: others cannot end it', async () => {
    const reporter = parseAddress('198.51.100.1')
    await f.login(A, 's1', { reporter, via: 'dovecot' })
    expect(await f.logout('s1', { reporter, via: 'cyrus' })).toEqual({ status: 'unknown' })
    expect(await f.logout('s1', { reporter: parseAddress('198.51.100.2'), via: 'dovecot' })).toEqual({
      status: 'unknown',
    })
    expect(await f.logout('s1', { reporter: parseAddress('203.0.113.9'), via: 'dovecot' })).toEqual({
      status: 'refused',
      reason: 'untrusted-reporter',
    })
    await f.pass(LIFETIME * 2)
    expect(f.may(A)).toBe(true)
  })

  test('is not renewed where the policy forbids it by now', async () => {
    await f.login(A, 's1')
    await f.login('192.0.2.26', 's2')
    f.table.setPolicy(policy({ exemptNetworks: new PrefixSet([parsePrefix('192.0.2.25/32')]) }))
    await f.pass(LIFETIME * 2)
    f.table.setPolicy(policy())
    expect([f.may(A), f.may('192.0.2.26')]).toEqual([false, true])
    f.table.setPolicy(policy({ trustedClients: trustNetworks([parsePrefix('192.0.2.26')]) }))
    await f.pass(LIFETIME + 1)
    expect(f.may('192.0.2.26')).toBe(false)
  })

  test('of a network that the settings no longer authorize as one is not renewed', async () => {
    f = new Fixture({ ipv4Prefix: 24 })
    await f.login(A, 's1')
    expect(f.may('192.0.2.99')).toBe(true)
    f.table.setPolicy(policy())
    await f.pass(LIFETIME + 1)
    expect([f.may(A), f.may('192.0.2.99')]).toEqual([false, false])
  })
})

test('a login under the name of a session that is about to end is another session', async () => {
  await f.login(A, 's1')
  await Promise.all([f.logout('s1'), f.login(A, 's1')])
  await f.pass(LIFETIME * 2)
  expect(f.may(A)).toBe(true)
})

test('after a restart sessions go on, and end as they would have', async () => {
  await f.login(A, 's1')
  await f.login('192.0.2.26', 's2')
  f.restart()
  await f.pass(LIFETIME * 2)
  expect([f.may(A), f.may('192.0.2.26')]).toEqual([true, true])
  f.restart()
  await f.logout('s1')
  await f.pass(LIFETIME + 1)
  expect([f.may(A), f.may('192.0.2.26')]).toEqual([false, true])
})

test('an address that expired while dracd was down is authorized again while its session is open, and only then', async () => {
  await f.login(A, 's1')
  await f.login('192.0.2.26', 's2', { session: { id: 's2', kind: 'renews', lease: 600 } })
  f.now += LIFETIME * 2
  f.restart()
  await f.table.sweep()
  expect(f.may(A)).toBe(false)
  await f.table.renewConnected()
  expect([f.may(A), f.may('192.0.2.26')]).toEqual([true, false])
})

test('a store that is down at the start is read once it is up', async () => {
  await f.login(A, 's1')
  f.restart()
  f.store.goDown('no disk')
  await f.table.renewConnected()
  await expect(f.logout('s1')).rejects.toMatchObject({ kind: 'tempfail' })
  await expect(f.login(A, 's2')).rejects.toMatchObject({ kind: 'tempfail' })
  f.now += LIFETIME - 60
  f.store.comeUp()
  await f.table.renewConnected()
  expect(f.left(A)).toBe(LIFETIME)
  expect(f.table.sessions.count).toBe(1)
})

test('what could not be kept: no session without its login, no logout that is forgotten', async () => {
  f.store.failing = true
  await expect(f.login(A, 's1')).rejects.toThrow('disk full')
  f.store.failing = false
  await f.pass(60)
  expect([f.may(A), f.table.sessions.count]).toEqual([false, 0])
  await f.login(A, 's1')
  f.store.failing = true
  await expect(f.logout('s1')).rejects.toThrow('disk full')
  f.store.failing = false
  expect(await f.logout('s1')).toEqual({ status: 'ended' })
  await f.pass(LIFETIME + 1)
  expect(f.may(A)).toBe(false)
})

test('a renewal that failed is tried again at the next tick', async () => {
  await f.login(A, 's1')
  f.now += LIFETIME / 2
  f.store.failing = true
  await expect(f.table.renewConnected()).rejects.toThrow('disk full')
  f.store.failing = false
  f.now += 1
  await f.table.renewConnected()
  expect(f.left(A)).toBe(LIFETIME)
})

describe('a clock that is set back', () => {
  test('moves sessions with it', async () => {
    await f.login(A, 's1', { session: { id: 's1', kind: 'renews', lease: 3600 } })
    await f.pass(1200)
    f.now -= 100_000
    await f.table.shift(-100_000)
    await f.pass(2400)
    expect(f.may(A)).toBe(true)
    await f.pass(LIFETIME + 1)
    expect(f.may(A)).toBe(false)
  })

  test('while the store is at it, what happens is not moved', async () => {
    f.now -= 100_000
    const shifted = f.table.shift(-100_000)
    await f.login(A, 's1')
    await shifted
    await f.pass(LIFETIME * 2)
    expect(f.may(A)).toBe(true)
    expect(f.table.sessions.get('test s1')?.openedAt).toBe(f.now - LIFETIME * 2)
  })

  test('before anything was read moves what is stored once', async () => {
    await f.revoke(A)
    f.restart()
    f.now -= 10
    await f.table.shift(-10)
    expect(f.table.sessions.revocations.get(A as never)).toBe(f.now)
  })

  test('while dracd is down lengthens no session beyond max_session', async () => {
    await f.login(A, 's1')
    await f.revoke('192.0.2.26')
    f.now -= 100 * 86_400
    f.restart()
    await f.store.clamp(f.now + LIFETIME)
    await f.table.renewConnected()
    await f.pass(MAX_SESSION + LIFETIME + 1, 400)
    expect(f.may(A)).toBe(false)
    // Nor does a revocation of the future keep a login out.
    expect((await f.add('192.0.2.26', { at: f.now })).status).toBe('added')
  })
})

test('a full table: no session without its authorization', async () => {
  f = new Fixture({}, 1)
  await f.login(A, 's1')
  expect(await f.login('192.0.2.26', 's2')).toEqual({ status: 'refused', reason: 'table-full' })
  expect(f.table.sessions.count).toBe(1)
  await f.logout('s1')
  await f.pass(LIFETIME + 1)
  expect([f.may(A), f.may('192.0.2.26')]).toEqual([false, false])
  expect((await f.login('192.0.2.26', 's2')).status).toBe('added')
})

test('show tells of open sessions, and whether they renew', async () => {
  await f.login(A, 's1', { user: 'alice' })
  await f.held(A)
  expect(explain(f.table, parseAddress(A)).sessions).toMatchObject([
    { source: 'test', user: 'alice', renews: true },
    { source: 'whoson 198.51.100.1', renews: false },
  ])
})

describe('revoking all that is of one kind', () => {
  test.each([
    ['source', { source: 'dovecot' }],
    ['network', { network: parsePrefix('192.0.2.0/24') }],
    ['user', { user: 'alice' }],
  ])('finds by the %s the connections whose address another report has authorized since', async (_, where) => {
    await f.login(A, 's1', { via: 'dovecot', user: 'alice' })
    await f.add(A, { via: 'control' })
    await f.revoke(A)
    await f.login(A, 's1', { via: 'dovecot', user: 'alice' })
    await f.store.delete(A as never)
    await f.add(A, { via: 'control' })
    await revokeWhere(f.table, where, 'test')
    expect([f.may(A), f.table.sessions.count]).toEqual([false, 0])
    await f.pass(LIFETIME)
    expect(f.may(A)).toBe(false)
  })

  test('leaves the others', async () => {
    await f.login(A, 's1', { via: 'dovecot', user: 'alice' })
    await f.login('198.51.100.9', 's2', { via: 'cyrus', user: 'bob' })
    await revokeWhere(f.table, { source: 'dovecot', user: 'bob' }, 'test')
    expect(f.table.sessions.count).toBe(2)
    await revokeWhere(f.table, { source: 'cyrus' }, 'test')
    expect([f.may(A), f.may('198.51.100.9'), f.table.sessions.count]).toEqual([true, false, 1])
  })
})
