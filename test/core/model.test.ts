// Random orders of events against a model that knows of grants only: nobody is permitted without one that is live, no login
// that gives its lifetime is lost.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import { Fixture, LIFETIME, policy } from './fixture.ts'

const MAX_SESSION = 10_000
const LEASE = 4_000
const QUARTER = LIFETIME / 4
const RULES = { maxSession: MAX_SESSION, sessionLease: LEASE }
const CLIENTS = ['192.0.2.1', '192.0.2.2'] as const

/** One address as the rules have it. Times are seconds; 0: never. */
class Model {
  /** Until when reports that cannot be withdrawn permit: no later, and no earlier. */
  high = 0
  low = 0
  revokedAt: number | undefined
  readonly held = new Map<number, number>()
  readonly sessions = new Map<string, { openedAt: number; lease: number }>()

  login(at: number): void {
    this.high = Math.max(this.high, at + LIFETIME)
    this.low = Math.max(this.low, at + LIFETIME)
  }
  /** @param told when it was, if the report says so; else now */
  add(now: number, told: number | undefined, kind: 'login' | 'alive', session?: string): string {
    const at = told ?? now
    const known = session === undefined ? undefined : this.sessions.get(session)
    if (at + LIFETIME < now) {
      if (kind === 'alive' && known) known.lease = Math.max(known.lease, at + LEASE)
      return 'too-old'
    }
    if (kind === 'alive' && known && now > known.openedAt + MAX_SESSION) {
      known.lease = Math.max(known.lease, at + LEASE)
      return 'too-old'
    }
    if (this.revokedAt !== undefined && (kind === 'alive' || (told !== undefined && told <= this.revokedAt))) {
      // Not forgotten while somebody is connected who was before.
      if (kind === 'alive') this.revokedAt = Math.max(this.revokedAt, now - MAX_SESSION / 2)
      return 'revoked'
    }
    if (kind === 'login') this.revokedAt = undefined
    this.login(at)
    if (session !== undefined) {
      this.settle(session, now)
      this.sessions.set(session, { openedAt: (kind === 'alive' && known?.openedAt) || at, lease: at + LEASE })
    }
    return 'taken'
  }
  /** What it may have been renewed to. */
  settle(session: string, until: number): void {
    const known = this.sessions.get(session)
    if (known) this.high = Math.max(this.high, this.end(known, until) + LIFETIME)
  }
  end({ openedAt, lease }: { openedAt: number; lease: number }, now: number): number {
    return Math.min(now, lease, openedAt + MAX_SESSION)
  }
  logout(now: number, session: string): string {
    const known = this.sessions.get(session)
    if (!known) return 'unknown'
    this.settle(session, now)
    if (now === this.end(known, now)) this.login(now)
    this.sessions.delete(session)
    return 'ended'
  }
  tick(now: number): void {
    for (const known of this.sessions.values())
      if (now === this.end(known, now)) this.low = Math.max(this.low, now + LIFETIME - QUARTER)
  }
  sweep(now: number): void {
    for (const [id, known] of this.sessions) {
      if (known.lease >= now) continue
      this.settle(id, now)
      this.sessions.delete(id)
    }
    for (const [reporter, until] of this.held) if (until < now) this.held.delete(reporter)
    if (this.revokedAt !== undefined && this.revokedAt + MAX_SESSION < now) this.revokedAt = undefined
  }
  revoke(now: number): void {
    this.high = this.low = 0
    this.held.clear()
    this.sessions.clear()
    this.revokedAt = now
  }
  shift(by: number): void {
    this.high += by
    this.low += by
    for (const [reporter, until] of this.held) this.held.set(reporter, until + by)
    for (const known of this.sessions.values()) {
      known.openedAt += by
      known.lease += by
    }
    if (this.revokedAt !== undefined) this.revokedAt += by
  }
  must(now: number): boolean {
    return now <= Math.max(this.low, ...this.held.values())
  }
  may(now: number): boolean {
    const open = [...this.sessions.values()].map((known) => this.end(known, now) + LIFETIME)
    return now <= Math.max(this.high, ...open, ...this.held.values())
  }
}

type Deed =
  | { do: 'report' | 'revoke'; client: number }
  | { do: 'late'; client: number; ago: number; kind: 'login' | 'alive'; session?: number }
  | { do: 'login' | 'alive' | 'logout'; client: number; session: number }
  | { do: 'held' | 'withdraw'; client: number; reporter: number }
  | { do: 'tick' }
  | { do: 'sweep' }

const client = fc.nat({ max: 1 })
const session = fc.nat({ max: 2 })
const reporter = fc.integer({ min: 1, max: 2 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constantFrom('report' as const, 'revoke' as const), client }),
  fc.record(
    {
      do: fc.constant('late' as const),
      client,
      ago: fc.integer({ min: 0, max: LIFETIME + 200 }),
      kind: fc.constantFrom('login' as const, 'alive' as const),
      session,
    },
    { requiredKeys: ['do', 'client', 'ago', 'kind'] },
  ),
  fc.record({ do: fc.constantFrom('login' as const, 'alive' as const, 'logout' as const), client, session }),
  fc.record({ do: fc.constantFrom('held' as const, 'withdraw' as const), client, reporter }),
  fc.constantFrom({ do: 'tick' } as const, { do: 'sweep' } as const),
)
/** What happens in one turn, and next: time passes, dracd starts again, or the clock is set back. */
const step = fc.record({
  deeds: fc.array(deed, { maxLength: 4 }),
  next: fc.oneof(
    { weight: 8, arbitrary: fc.record({ passes: fc.constantFrom(0, 1, 60, 450, 900, 1799, 1801, 4_001, 10_001) }) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.record({ back: fc.constantFrom(10, 5_000) }) },
  ),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Does it to both, in the same order, and says what came of it. */
function both(f: Fixture, models: readonly Model[], each: Deed): readonly [Promise<unknown>, unknown] {
  if (each.do === 'tick' || each.do === 'sweep') {
    for (const model of models) model[each.do](f.now)
    return [each.do === 'tick' ? f.table.renewConnected() : f.table.sweep(), undefined]
  }
  const [address, model] = [CLIENTS[each.client]!, models[each.client]!]
  // The server names a connection for one client only.
  const name = 'session' in each && each.session !== undefined ? `${address} ${each.session}` : undefined
  const taken = async (adding: ReturnType<Fixture['add']>): Promise<string> => {
    const result = await adding
    return 'reason' in result ? result.reason : 'taken'
  }
  switch (each.do) {
    case 'report':
      return [taken(f.add(address)), model.add(f.now, undefined, 'login')]
    case 'revoke':
      model.revoke(f.now)
      return [f.revoke(address).then(() => undefined), undefined]
    case 'late': {
      const at = f.now - each.ago
      const more = {
        at,
        kind: each.kind,
        ...(name === undefined ? {} : { session: { id: name, kind: 'renews' } as const }),
      }
      return [taken(f.add(address, more)), model.add(f.now, at, each.kind, name)]
    }
    case 'login':
    case 'alive':
      return [taken(f.login(address, name!, { kind: each.do })), model.add(f.now, undefined, each.do, name)]
    case 'logout':
      return [f.logout(name!).then(({ status }) => status), model.logout(f.now, name!)]
    case 'held':
      model.revokedAt = undefined
      model.held.set(each.reporter, f.now + LIFETIME)
      return [taken(f.held(address, each.reporter)), 'taken']
    case 'withdraw': {
      const status = model.held.delete(each.reporter) ? 'ended' : 'unknown'
      return [f.withdraw(address, each.reporter).then((result) => result.status), status]
    }
  }
}

function check(f: Fixture, models: readonly Model[]): void {
  for (const [i, address] of CLIENTS.entries()) {
    const permitted = f.may(address)
    if (permitted) expect([address, 'permitted', models[i]!.may(f.now)]).toEqual([address, 'permitted', true])
    else expect([address, 'refused', models[i]!.must(f.now)]).toEqual([address, 'refused', false])
  }
}

async function play(f: Fixture, steps: readonly Step[]): Promise<void> {
  const models = CLIENTS.map(() => new Model())
  for (const { deeds, next } of steps) {
    const done = deeds.map((each) => both(f, models, each))
    const results = await Promise.all(done.map(([result]) => result))
    expect(results.map((result) => result ?? undefined)).toEqual(done.map(([, expected]) => expected))
    check(f, models)
    if (next === 'restart') f.restart(RULES)
    else if ('passes' in next) f.now += next.passes
    else {
      f.now -= next.back
      for (const model of models) model.shift(-next.back)
      await f.table.shift(-next.back)
    }
    check(f, models)
  }
}

test('property: permitted only while a grant is live, and as long as one that must be kept is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), (steps) => play(new Fixture(RULES), steps)),
    { numRuns: Number(process.env.DRAC_RUNS ?? 400) },
  )
})

test('property: the same on SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drac-model-'))
  let files = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const store = new SqliteStore({ path: join(folder, `${++files}`, 'drac.db') })
      try {
        await play(new Fixture(RULES, 1000, store), steps)
      } finally {
        await store.close()
      }
    }),
    { numRuns: 15 },
  )
  rmSync(folder, { recursive: true })
})

test('the model refuses a table that forgets a withdrawal', async () => {
  const f = new Fixture({ ...policy(), ...RULES })
  const models = CLIENTS.map(() => new Model())
  await f.held(CLIENTS[0])
  expect(() => check(f, models)).toThrow('permitted')
})
