import { channel } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LoginEvent, LogoutEvent } from '../../core/login-event.ts'
import type { LoginReports } from '../../core/reports.ts'
import { parseAddress } from '../../lib/address.ts'
import { tempfail } from '../../lib/errors.ts'
import type { PollEvent } from './poll-events.ts'
import { Poller } from './poller.ts'
import type { Connection } from './source.ts'

const connection = (id: string, client = '192.0.2.5'): Connection => ({
  id,
  client: parseAddress(client),
  user: 'alice',
})

/** Notes what it is told. */
class Told implements LoginReports {
  lines: string[] = []
  events: LoginEvent[] = []
  broken = false

  async add(event: LoginEvent) {
    if (this.broken) throw tempfail('DRAC_STORE', 'the disk is full')
    this.events.push(event)
    this.lines.push(`${event.kind} ${event.session?.id} at ${event.at}`)
    return { status: 'ignored', reason: 'revoked' } as const
  }
  async logout({ session }: LogoutEvent) {
    if (this.broken) throw tempfail('DRAC_STORE', 'the disk is full')
    this.lines.push(`logout ${session}`)
    return { status: 'ended' } as const
  }
  async withdraw(): Promise<never> {
    throw new Error('a poll withdraws nothing')
  }
}

let now: number
let told: Told
let listed: readonly Connection[] | Error
let events: PollEvent[]
let poller: Poller
const note = (event: unknown): void => void events.push(event as PollEvent)

beforeEach(() => {
  now = 1000
  told = new Told()
  listed = []
  events = []
  channel('drac.poll').subscribe(note)
  const list = async () => {
    if (listed instanceof Error) throw listed
    return listed
  }
  poller = new Poller(told, { name: 'poll test', from: 'test', list }, 60, () => now)
})
afterEach(async () => {
  channel('drac.poll').unsubscribe(note)
  await poller.close()
})

async function poll(list: readonly Connection[] | Error): Promise<string[]> {
  listed = list
  told.lines = []
  await poller.poll()
  now += 60
  return told.lines
}

describe('who is listed', () => {
  test('at first is connected, no more: nobody knows since when', async () => {
    expect(await poll([connection('a')])).toEqual(['alive a at 1000'])
    expect(told.events[0]).toEqual({
      via: 'poll test',
      reporter: 'local',
      kind: 'alive',
      client: '192.0.2.5',
      user: 'alice',
      at: 1000,
      session: { id: 'a', lease: 150, kind: 'renews' },
    })
  })

  test('anew has logged in since the last list, at its time at the earliest', async () => {
    await poll([connection('a')])
    expect(await poll([connection('a'), connection('b')])).toEqual([
      'alive a at 1060',
      'login b at 1000',
      'alive b at 1060',
    ])
    expect(await poll([connection('b')])).toEqual(['alive b at 1120', 'logout a'])
  })

  test('no longer has gone; twice is once', async () => {
    await poll([connection('a'), connection('a')])
    expect(await poll([])).toEqual(['logout a'])
    expect(await poll([])).toEqual([])
  })
})

describe('a poll that fails', () => {
  test('says nothing of anybody, and the next is compared with the last that succeeded', async () => {
    await poll([connection('a')])
    expect(await poll(new Error('no route'))).toEqual([])
    expect(await poll([connection('b')])).toEqual(['login b at 1000', 'alive b at 1120', 'logout a'])
  })

  test('is told of once, with how often when it is over', async () => {
    await poll([])
    for (const why of ['no route', 'no route', 'broken', 'broken']) await poll(new Error(why))
    expect(poller.health()).toMatchObject({ polled_at: 1000, connections: 0, error: 'broken', failures: 4 })
    await poll([connection('a')])
    expect(events).toEqual([
      { type: 'failed', name: 'poll test', reason: 'no route' },
      { type: 'failed', name: 'poll test', reason: 'broken' },
      { type: 'recovered', name: 'poll test', failures: 4 },
    ])
    expect(poller.health()).toMatchObject({ polled_at: 1300, connections: 1, error: null, failures: 0 })
  })

  test('because nothing can be stored, leaves ends to the next', async () => {
    await poll([connection('a')])
    told.broken = true
    await poll([connection('b')])
    expect(poller.health().error).toBe('the disk is full')
    told.broken = false
    expect(await poll([connection('b')])).toContain('logout a')
    expect(await poll([])).toEqual(['logout b'])
  })
})

test('a source that never answers is given up, at the latest when the poller is closed', async () => {
  const asked: AbortSignal[] = []
  const list = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      asked.push(signal)
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    })
  const hanging = new Poller(told, { name: 'poll hanging', from: 'test', list }, 0.05, () => now)
  await hanging.poll()
  expect(hanging.health().error).toBe('no answer in time')
  const slow = new Poller(told, { name: 'poll slow', from: 'test', list }, 60, () => now)
  slow.start()
  await new Promise(setImmediate)
  await slow.close()
  expect(asked.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(slow.health().error).toBe(null)
})
