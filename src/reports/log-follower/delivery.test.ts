import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EndResult, LoginEvent, LogoutEvent } from '../../core/login-event.ts'
import type { LoginReports } from '../../core/reports.ts'
import { parseAddress } from '../../lib/address.ts'
import { malformed, tempfail } from '../../lib/errors.ts'
import type { LogEvent } from '../../protocols/login-log/event.ts'
import { Delivery } from './delivery.ts'

/** A relay table that says what it heard, and answers when it is told to. */
class Table implements LoginReports {
  readonly heard: string[] = []
  readonly waiting: (() => void)[] = []
  answer: (event: LoginEvent | LogoutEvent) => Promise<void> = async () => {}
  async add(event: LoginEvent) {
    this.heard.push(`add ${event.client} ${event.via} ${event.session?.id ?? '-'} ${event.at}`)
    await this.answer(event)
    return { status: 'ignored', reason: 'exempt' } as const
  }
  async logout(event: LogoutEvent): Promise<EndResult> {
    this.heard.push(`logout ${event.via} ${event.session} ${event.at}`)
    await this.answer(event)
    return { status: 'unknown' }
  }
  async withdraw(): Promise<EndResult> {
    throw new Error('a log withdraws nothing')
  }
}

const login = (n: number, session?: string): LogEvent => ({
  kind: 'login',
  server: 'dovecot',
  address: parseAddress(`192.0.2.${n}`),
  at: n,
  ...(session === undefined ? {} : { session }),
})
const end = (n: number, session?: string): LogEvent => ({
  kind: 'end',
  server: 'dovecot',
  at: n,
  ...(session === undefined ? {} : { session }),
})

let table: Table
let troubles: (string | undefined)[]
let delivery: Delivery
beforeEach(() => {
  vi.useFakeTimers()
  table = new Table()
  troubles = []
  delivery = new Delivery(table, (reason) => troubles.push(reason))
})
afterEach(() => vi.useRealTimers())
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

test('logins and the ends of sessions; what has no session to end does nothing', async () => {
  const durable = vi.fn()
  await delivery.take([login(1, 's1'), login(2), end(3, 's1'), end(4)], durable)
  await settle()
  expect(table.heard.toSorted()).toEqual([
    'add 192.0.2.1 log dovecot s1 1',
    'add 192.0.2.2 log dovecot - 2',
    'logout log dovecot s1 3',
  ])
  expect(durable).toHaveBeenCalledOnce()
})

test('a logout does not overtake its login, whatever else does', async () => {
  let release = (): void => {}
  table.answer = async (event) => {
    if ('client' in event && event.at === 1) await new Promise<void>((resolve) => (release = resolve))
  }
  await delivery.take([login(1, 's1'), end(2, 's1'), login(3, 's3'), end(4, 's3')], () => {})
  await settle()
  expect(table.heard).not.toContain('logout log dovecot s1 2')
  expect(table.heard).toContain('logout log dovecot s3 4')
  release()
  await settle()
  expect(table.heard).toContain('logout log dovecot s1 2')
})

test('the store is down: tried again until it is not, nothing is lost, the position is held, no more than 256 wait', async () => {
  let down = true
  table.answer = async () => {
    if (down) throw tempfail('DRAC_STORE_DOWN', 'disk full')
  }
  const [first, second] = [vi.fn(), vi.fn()]
  const many = Array.from({ length: 1000 }, (_, i) => login(i % 250))
  await delivery.take([login(1)], first)
  const taken = vi.fn()
  void delivery.take(many, second).then(taken)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(first).not.toHaveBeenCalled()
  expect(taken).not.toHaveBeenCalled()
  expect(troubles.at(-1)).toBe('disk full')
  expect(new Set(table.heard).size).toBeLessThanOrEqual(256)
  down = false
  table.heard.length = 0
  await vi.advanceTimersByTimeAsync(6000)
  expect(table.heard).toHaveLength(1001)
  expect([first, second, taken].map((each) => each.mock.calls.length)).toEqual([1, 1, 1])
  expect(troubles.at(-1)).toBeUndefined()
})

test('positions become durable in the order of the log', async () => {
  const order: number[] = []
  let release = (): void => {}
  table.answer = async (event) => {
    if (event.at === 1) await new Promise<void>((resolve) => (release = resolve))
  }
  await delivery.take([login(1)], () => order.push(1))
  await delivery.take([login(2)], () => order.push(2))
  await delivery.take([], () => order.push(3))
  await settle()
  expect(order).toEqual([])
  release()
  await settle()
  expect(order).toEqual([1, 2, 3])
})

test('what can never be stored holds up nothing', async () => {
  table.answer = async (event) => {
    if (event.at === 1) throw malformed('DRAC_X', 'no')
  }
  const durable = vi.fn()
  await delivery.take([login(1), login(2)], durable)
  await settle()
  expect(durable).toHaveBeenCalledOnce()
})

test('closed while the store is down: what was not stored is never called durable, nor what comes after it', async () => {
  table.answer = () => Promise.reject(tempfail('DRAC_STORE_DOWN', 'disk full'))
  const durable = vi.fn()
  await delivery.take([login(1, 's1'), end(2, 's1')], durable)
  const blocked = delivery.take(
    Array.from({ length: 300 }, () => login(3)),
    durable,
  )
  await settle()
  const closed = delivery.close()
  table.answer = async () => {}
  await blocked
  await closed
  await delivery.take([], durable)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(durable).not.toHaveBeenCalled()
})
