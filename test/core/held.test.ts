// Logins that their reporter may withdraw: a withdrawal takes back what they gave, and nothing that another report gave.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../src/core/changes.ts'
import { Fixture, LIFETIME } from './fixture.ts'

const A = '192.0.2.25'
let f: Fixture
beforeEach(() => {
  f = new Fixture()
})

/** Every order of the deeds. */
const orders = <T>(deeds: readonly T[]): T[][] =>
  deeds.length === 0 ? [[]] : deeds.flatMap((deed, i) => orders(deeds.toSpliced(i, 1)).map((rest) => [deed, ...rest]))

test('gives a lifetime, and is withdrawn at once', async () => {
  expect((await f.held(A)).status).toBe('added')
  expect(f.left(A)).toBe(LIFETIME)
  const told: Change[] = []
  const listen = (message: unknown): unknown => told.push(message as Change)
  subscribe('drac.change', listen)
  expect(await f.withdraw(A)).toEqual({ status: 'ended' })
  unsubscribe('drac.change', listen)
  expect(told).toMatchObject([{ type: 'revoked', authorization: { key: A }, by: 'logout whoson 198.51.100.1' }])
  expect(f.may(A)).toBe(false)
  expect(await f.withdraw(A)).toEqual({ status: 'unknown' })
})

test('renews nothing by itself, and is gone with its lifetime', async () => {
  await f.held(A)
  await f.pass(LIFETIME)
  expect(f.may(A)).toBe(true)
  await f.pass(1)
  expect(f.may(A)).toBe(false)
  expect(await f.table.logout({ reporter: 'local', via: 'whoson', session: A })).toEqual({ status: 'unknown' })
})

test('a second one begins anew, and is one record', async () => {
  await f.held(A)
  await f.pass(600)
  await f.held(A)
  expect(f.left(A)).toBe(LIFETIME)
  await f.withdraw(A)
  expect([f.may(A), f.table.sessions.count]).toEqual([false, 0])
})

test('a withdrawal is no revocation: who is connected keeps the address', async () => {
  await f.login(A, 's1')
  await f.held(A)
  await f.withdraw(A)
  await f.pass(LIFETIME * 2)
  expect(f.may(A)).toBe(true)
  await f.logout('s1')
  await f.pass(LIFETIME + 1)
  expect(f.may(A)).toBe(false)
})

describe.each(['one after the other', 'before anything is written'])('with other reports, %s', (how) => {
  const inTurn = async (deeds: readonly (() => Promise<unknown>)[]): Promise<void> => {
    if (how === 'before anything is written') await Promise.all(deeds.map((deed) => deed()))
    else for (const deed of deeds) await deed()
  }

  test('a login, a DRAC report and a withdrawal: the report stays, in every order', async () => {
    for (const order of orders(['login', 'report', 'withdraw'] as const)) {
      f = new Fixture()
      const deeds = { login: () => f.held(A), report: () => f.add(A), withdraw: () => f.withdraw(A) }
      await inTurn(order.map((deed) => deeds[deed]))
      expect([order, f.left(A)]).toEqual([order, LIFETIME])
      await f.withdraw(A)
      expect([order, f.left(A)]).toEqual([order, LIFETIME])
    }
  })

  test('two reporters: each takes back its own', async () => {
    for (const order of orders(['in1', 'in2', 'out1', 'out2'] as const)) {
      f = new Fixture()
      const deeds = {
        in1: () => f.held(A, 1),
        in2: () => f.held(A, 2),
        out1: () => f.withdraw(A, 1),
        out2: () => f.withdraw(A, 2),
      }
      await inTurn(order.map((deed) => deeds[deed]))
      const open = order.indexOf('in1') > order.indexOf('out1') || order.indexOf('in2') > order.indexOf('out2')
      expect([order, f.left(A)]).toEqual([order, open ? LIFETIME : undefined])
      await inTurn([() => f.withdraw(A, 1), () => f.withdraw(A, 2)])
      expect([order, f.may(A)]).toEqual([order, false])
    }
  })

  test('in, out, in, out leaves nothing', async () => {
    await inTurn([() => f.held(A), () => f.withdraw(A), () => f.held(A), () => f.withdraw(A)])
    expect([f.may(A), f.table.sessions.count]).toEqual([false, 0])
  })

  test('in, out, in leaves the second, which can be withdrawn', async () => {
    await inTurn([() => f.held(A), () => f.withdraw(A), () => f.held(A)])
    expect(f.left(A)).toBe(LIFETIME)
    await f.withdraw(A)
    expect(f.may(A)).toBe(false)
  })

  test('a revocation takes everything; a login after it can be withdrawn whole', async () => {
    await inTurn([() => f.add(A), () => f.held(A), () => f.revoke(A), () => f.held(A)])
    expect(f.left(A)).toBe(LIFETIME)
    await f.withdraw(A)
    expect(f.may(A)).toBe(false)
  })

  test('a report while a permit by hand lasts longer', async () => {
    await inTurn([() => f.add(A, { lifetime: 7200 }), () => f.held(A), () => f.add(A), () => f.withdraw(A)])
    expect(f.left(A)).toBe(7200)
  })
})

test('an older report leaves what it gave, to the second', async () => {
  await f.add(A)
  f.now += 600
  await f.held(A)
  f.now += 600
  await f.withdraw(A)
  expect(f.left(A)).toBe(LIFETIME - 1200)
  await f.held(A)
  f.now += 601
  await f.withdraw(A)
  expect(f.left(A)).toBe(undefined)
})

test("the later of two reporters goes first: the other's login leaves what it gave", async () => {
  await f.held(A, 1)
  f.now += 600
  await f.held(A, 2)
  await f.withdraw(A, 2)
  expect(f.left(A)).toBe(LIFETIME - 600)
  await f.withdraw(A, 1)
  expect(f.may(A)).toBe(false)
})

test('one that has expired holds nothing', async () => {
  await f.held(A, 1)
  f.now += LIFETIME - 10
  await f.held(A, 2)
  f.now += 20
  await f.withdraw(A, 2)
  expect(f.may(A)).toBe(false)
})

test('after a restart as before it', async () => {
  await f.add('192.0.2.26')
  for (const client of [A, '192.0.2.26']) await f.held(client)
  f.restart()
  await f.add('192.0.2.26', { at: f.now - 5 })
  for (const client of [A, '192.0.2.26']) expect(await f.withdraw(client)).toEqual({ status: 'ended' })
  expect([f.left(A), f.left('192.0.2.26')]).toEqual([undefined, LIFETIME])
})

test('a report after a restart, before anything else, raises what is left', async () => {
  await f.held(A)
  f.restart()
  await f.add(A)
  await f.withdraw(A)
  expect(f.left(A)).toBe(LIFETIME)
})

test('a clock that was set back moves what is left with it', async () => {
  await f.add(A)
  f.now += 600
  await f.held(A)
  f.now -= 10_000
  await f.table.shift(-10_000)
  await f.withdraw(A)
  expect(f.left(A)).toBe(LIFETIME - 600)
})

test('a withdrawal that could not be written can be tried again', async () => {
  await f.held(A)
  f.store.failing = true
  await expect(f.withdraw(A)).rejects.toThrow('disk full')
  f.store.failing = false
  expect(f.may(A)).toBe(true)
  expect(await f.withdraw(A)).toEqual({ status: 'ended' })
  expect(f.may(A)).toBe(false)
})

test('a network as one: a withdrawal by one client leaves what another was given', async () => {
  f = new Fixture({ ipv4Prefix: 24 })
  await f.held(A)
  await f.held('192.0.2.26')
  await f.withdraw(A)
  expect(f.left(A)).toBe(LIFETIME)
  await f.withdraw('192.0.2.26')
  expect(f.may(A)).toBe(false)
})
