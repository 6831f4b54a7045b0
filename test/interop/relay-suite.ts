// What every mail server must do, whatever way it asks: permit who logged in, nobody else, and go on with local mail; and
// what it does in every other state must be what integrations/README.md says.
import { beforeAll, describe, expect, test } from 'vitest'
import { observe, type Row, type Seen } from './observe.ts'
import { type Needed, skipping } from './programs.ts'
import { cellsOf, README, REGENERATE, readTable, record } from './table.ts'
import type { Way } from './ways.ts'

/** So many ways at a time: most of the time they wait. */
const AT_ONCE = 5

/** Nobody may relay in these, whatever has happened to dracd or its map. */
const NEVER: readonly Row[] = [
  'never logged in',
  'expired',
  'revoked',
  'stopped: never logged in',
  'killed: never logged in',
  'killed, maps emptied: logged in',
  'hangs: never logged in',
  'map missing: never logged in',
  'map empty: never logged in',
  'map garbage: never logged in',
]

export function describeWays(file: string, ways: readonly Way[]): void {
  const needs = new Set<Needed>(['libtirpc', ...ways.flatMap(({ server }) => server.needs)])
  describe.skipIf(skipping(file, ...needs))(ways[0]!.server.title, () => {
    const observations = new Observations(ways)
    for (const way of ways) describeWay(way, () => observations.of(way))
  })
}

function describeWay(way: Way, observation: () => Promise<Seen>): void {
  describe(way.title, () => {
    let seen: Seen
    beforeAll(async () => {
      seen = await observation()
      record(way, cellsOf(seen))
    }, 600_000)
    const codes = (row: Row): string[] => [...(seen.get(row)?.values() ?? [])]

    test('relays for a client that has logged in', () => {
      expect(new Set(codes('logged in'))).toEqual(new Set(['250']))
    })

    test('does not relay for a client that never logged in, nor after expiry or revocation', () => {
      for (const row of NEVER) expect(codes(row), row).not.toContain('250')
      expect(codes('never logged in').length).toBeGreaterThan(0)
    })

    if (way.reads === 'dracd')
      test('relays for nobody without an answer of dracd', () => {
        for (const row of ['stopped: logged in', 'killed: logged in', 'hangs: logged in'] as const) {
          expect(codes(row).length, row).toBeGreaterThan(0)
          expect(codes(row), row).not.toContain('250')
        }
      })

    if (way.reads === 'database')
      test('lets a login expire without dracd', () => {
        expect(codes('killed: expired since').length).toBeGreaterThan(0)
        expect(codes('killed: expired since')).not.toContain('250')
      })

    test('accepts local mail while dracd is in whatever state', () => {
      for (const code of codes('local mail')) expect(code).toMatch(/^250($|, \S+ \(map )/)
    })

    test(`does what ${README} says`, () => {
      const said = readTable().get(way.server.title)?.get(way.title)
      expect(cellsOf(seen), `${README} says otherwise; if that is right: ${REGENERATE}`).toEqual(said)
    })
  })
}

/** Starts all when the first is asked for, a few at a time. */
class Observations {
  readonly #waiting: Way[]
  readonly #promises = new Map<Way, Promise<Seen>>()
  readonly #started = new Map<Way, PromiseWithResolvers<Seen>>()

  constructor(ways: readonly Way[]) {
    this.#waiting = [...ways]
    for (const way of ways) {
      const result = Promise.withResolvers<Seen>()
      result.promise.catch(() => {}) // whoever asks for it hears of it
      this.#started.set(way, result)
      this.#promises.set(way, result.promise)
    }
  }

  of(way: Way): Promise<Seen> {
    if (this.#waiting.length === this.#promises.size) for (let i = 0; i < AT_ONCE; i++) void this.#work()
    return this.#promises.get(way)!
  }

  async #work(): Promise<void> {
    for (let way = this.#waiting.shift(); way; way = this.#waiting.shift()) {
      const { resolve, reject } = this.#started.get(way)!
      await observe(way).then(resolve, reject)
    }
  }
}
