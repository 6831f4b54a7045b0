// Reports that come late, and what a revocation makes of those that are older.
import { beforeEach, describe, expect, test } from 'vitest'
import { revokeWhere } from '../../src/core/revoke-where.ts'
import { Fixture, LIFETIME, MAX_SESSION } from './fixture.ts'

const A = '192.0.2.25'
let f: Fixture
beforeEach(() => {
  f = new Fixture()
})

describe('a login that is told of late', () => {
  test('lasts from when it was', async () => {
    await f.add(A, { at: f.now - 600 })
    expect(f.left(A)).toBe(LIFETIME - 600)
  })

  test('after its lifetime gives nothing', async () => {
    expect(await f.login(A, 's1', { at: f.now - LIFETIME })).toMatchObject({ status: 'added' })
    f = new Fixture()
    expect(await f.login(A, 's1', { at: f.now - LIFETIME - 1 })).toEqual({ status: 'ignored', reason: 'too-old' })
    await f.pass(60)
    expect([f.may(A), f.table.sessions.count]).toEqual([false, 0])
  })

  test('from the future is of now', async () => {
    await f.add(A, { at: f.now + 86_400 })
    expect(f.left(A)).toBe(LIFETIME)
    await f.login('192.0.2.26', 's1', { at: f.now + 86_400 })
    expect(f.table.sessions.get('test s1')?.openedAt).toBe(f.now)
  })

  test('shortens nothing', async () => {
    await f.add(A)
    await f.add(A, { at: f.now - 600 })
    expect(f.left(A)).toBe(LIFETIME)
  })
})

test('a logout that is told of late leaves one lifetime from when it was', async () => {
  await f.login(A, 's1', { at: f.now - 1200 })
  expect(await f.logout('s1', { at: f.now - 600 })).toEqual({ status: 'ended' })
  expect(f.left(A)).toBe(LIFETIME - 600)
})

describe('after a revocation', () => {
  beforeEach(async () => {
    await f.login(A, 's1')
    await f.pass(60)
    await f.revoke(A)
  })

  test('who is still connected gets nothing, until somebody logs in', async () => {
    expect(f.may(A)).toBe(false)
    await f.pass(LIFETIME)
    expect(await f.alive(A, 's1')).toEqual({ status: 'ignored', reason: 'revoked' })
    expect(await f.alive(A, 's2')).toEqual({ status: 'ignored', reason: 'revoked' })
    expect(await f.add(A, { kind: 'alive' })).toEqual({ status: 'ignored', reason: 'revoked' })
    expect(f.may(A)).toBe(false)
    await f.add(A)
    expect(await f.alive(A, 's1')).toMatchObject({ status: 'renewed' })
  })

  test('a login of before it gives nothing, one of after it does', async () => {
    expect(await f.add(A, { at: f.now - 30 })).toEqual({ status: 'ignored', reason: 'revoked' })
    expect(await f.add(A, { at: f.now })).toEqual({ status: 'ignored', reason: 'revoked' })
    await f.pass(60)
    expect(await f.add(A, { at: f.now - 60 })).toEqual({ status: 'ignored', reason: 'revoked' })
    expect((await f.add(A, { at: f.now - 59 })).status).toBe('added')
  })

  test('a logout gives nothing', async () => {
    expect(await f.logout('s1')).toEqual({ status: 'unknown' })
    expect(f.may(A)).toBe(false)
  })

  test('that holds after a restart', async () => {
    f.restart()
    expect(await f.alive(A, 's1')).toEqual({ status: 'ignored', reason: 'revoked' })
    expect(await f.add(A, { at: f.now - 30 })).toEqual({ status: 'ignored', reason: 'revoked' })
    await f.pass(60)
    expect(f.may(A)).toBe(false)
  })

  test('and for as long as somebody is connected, over any number of days', async () => {
    for (let passed = 0; passed < 5 * MAX_SESSION; passed += 3600) {
      await f.pass(3600, 3600)
      expect(await f.alive(A, 's1')).toEqual({ status: 'ignored', reason: 'revoked' })
      await f.table.sweep()
      if (passed % 10 === 0) f.restart()
    }
    expect((await f.add(A, { at: f.now - 5 })).status).toBe('added')
  })

  test('it is forgotten when nobody can be connected any more', async () => {
    await f.pass(MAX_SESSION + 1, 3600)
    await f.table.sweep()
    expect(f.table.sessions.hasRevocations).toBe(false)
    expect(f.store.sessionRows().revocations.size).toBe(0)
  })
})

test.each([
  ['login, revoke', ['login', 'revoke'], false],
  ['alive, revoke', ['alive', 'revoke'], false],
  ['revoke, alive', ['revoke', 'alive'], false],
  ['revoke, login', ['revoke', 'login'], true],
  ['login, revoke, alive', ['login', 'revoke', 'alive'], false],
  ['logout, revoke', ['logout', 'revoke'], false],
  ['revoke, logout', ['revoke', 'logout'], false],
  ['renewal, revoke', ['renew', 'revoke'], false],
  ['revoke, renewal', ['revoke', 'renew'], false],
] as const)('before anything is written: %s', async (_, order, permitted) => {
  await f.login(A, 's1')
  f.now += LIFETIME / 2
  const deeds = {
    login: () => f.login(A, 's1'),
    alive: () => f.alive(A, 's1'),
    revoke: () => f.revoke(A),
    logout: () => f.logout('s1'),
    renew: () => f.table.renewConnected(),
  }
  await Promise.all(order.map((deed) => deeds[deed]()))
  await f.pass(60)
  expect(f.may(A)).toBe(permitted)
})

test('-i forgets sessions and logins; what an administrator had revoked before stays so', async () => {
  await f.login(A, 's1')
  await f.revoke(A)
  await f.login('192.0.2.26', 's2')
  const before = f.table.sessions.revocations
  await revokeWhere(f.table, {}, '-i')
  await f.table.sessions.clear(before)
  f.restart()
  expect(f.table.sessions.revocations).toEqual(before)
  await f.pass(60)
  expect([f.may(A), f.may('192.0.2.26')]).toEqual([false, false])
  expect(await f.alive(A, 's1')).toMatchObject({ reason: 'revoked' })
  expect((await f.alive('192.0.2.26', 's2')).status).toBe('added')
})
