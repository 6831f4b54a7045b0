// kill -9 in the middle of 64 writers: what was acknowledged is there, what was taken back is not.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { parseRelayKey } from '../../src/lib/prefix.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import { StoreProcess } from './store-process.ts'

const ROUNDS = 6
const folder = mkdtempSync(join(tmpdir(), 'drac-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Acknowledged {
  readonly present: Set<string>
  readonly absent: Set<string>
}

/** A key whose removal was asked for and not answered may be there or not. */
function note({ present, absent }: Acknowledged, lines: readonly string[]): void {
  for (const line of lines) {
    const key = line.slice(1)
    if (line.startsWith('+')) present.add(key)
    if (line.startsWith('?')) present.delete(key)
    if (line.startsWith('-')) absent.add(key)
  }
}

test(`no acknowledged write is missing after ${ROUNDS} times kill -9`, async () => {
  const path = join(folder, 'drac.db')
  const acknowledged: Acknowledged = { present: new Set(), absent: new Set() }
  for (let round = 0; round < ROUNDS; round++) {
    const log = join(folder, `round-${round}`)
    const child = new StoreProcess({ path })
    try {
      expect((await child.event('open')).health).toEqual({ state: 'up' })
      writeFileSync(log, '')
      child.send({ type: 'load', writers: 64, round, log })
      // Bytes, a dozen for each: past some checkpoints in every other round, before the first in the rest.
      const wanted = round % 2 === 0 ? 20_000 : 400_000
      await vi.waitFor(() => expect(statSync(log).size).toBeGreaterThan(wanted), { timeout: 100_000, interval: 2 })
    } finally {
      await child.kill()
    }
    note(acknowledged, readFileSync(log, 'utf8').split('\n'))
    const store = new SqliteStore({ path })
    try {
      expect(store.health()).toEqual({ state: 'up' })
      const has = (key: string): boolean => store.get(parseRelayKey(key)) !== undefined
      expect([...acknowledged.present].filter((key) => !has(key))).toEqual([])
      expect([...acknowledged.absent].filter(has)).toEqual([])
      expect([...store.list({})].length).toBe(store.count())
    } finally {
      await store.close()
    }
  }
  expect(acknowledged.present.size).toBeGreaterThan(ROUNDS * 1000)
}, 600_000)
