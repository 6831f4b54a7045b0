// A map file of 100,000 entries, rewritten while look-ups go on.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, note } from '../harness/bench.ts'
import { type Dracd, startDracd } from '../harness/dracd.ts'
import { entryAddress, fill, type LoadResult, loadLookups, trouble } from '../harness/load.ts'
import { ms, type Section } from '../harness/report.ts'
import { interleave, median, medianOf } from '../harness/rounds.ts'

const SIZE = 100_000
const DEADLINE_MS = 30_000

const inode = (path: string): number => statSync(path, { throwIfNoEntry: false })?.ino ?? 0

/** Resolves when the file holds this address; false after 30 s. */
async function holds(path: string, address: string): Promise<boolean> {
  const giveUpAt = performance.now() + DEADLINE_MS
  for (let seen = 0; performance.now() < giveUpAt; await sleep(1)) {
    const now = inode(path)
    if (now === seen) continue
    seen = now
    if (now !== 0 && readFileSync(path).includes(address)) return true
  }
  return false
}

export async function map(bench: Bench): Promise<Section> {
  const stateDirectory = bench.path('map')
  const file = join(stateDirectory, 'dracd.db')
  const dracd: Dracd = await startDracd({ stateDirectory, settings: ['lifetime=2h'], args: [file] })
  let entries = SIZE
  await fill(bench.programs, dracd.udpPort, entries)
  await holds(file, entryAddress(entries - 1))
  await sleep(1000) // the last coalesced rewrite is over
  /** Milliseconds from the acknowledgement of one fresh add to the map file that holds it. */
  const rewrite = async (): Promise<number> => {
    const entry = entries++
    await fill(bench.programs, dracd.udpPort, 1, entry)
    const acknowledgedAt = performance.now()
    if (!(await holds(file, entryAddress(entry)))) trouble.push('a fresh add is not in the map after 30 s')
    return performance.now() - acknowledgedAt
  }
  const seconds = Math.max(3, bench.pace.seconds)
  const load = (): Promise<LoadResult> =>
    loadLookups(bench.programs, { socket: dracd.socketmapPath, connections: 1, size: SIZE, expect: 'table', seconds })
  const delays: number[] = []
  const busy = async (): Promise<LoadResult> => {
    let over = false
    const loading = load().finally(() => {
      over = true
    })
    while (!over) {
      delays.push(await rewrite())
      await sleep(100)
    }
    return loading
  }
  note('look-ups while a map of 100k is rewritten')
  const seen = await interleave(bench.pace.rounds, { quiet: load, rewriting: busy })
  const alone: number[] = []
  for (let round = 0; round < 2 * bench.pace.rounds; round++) alone.push(await rewrite())
  await dracd.stop()
  const longest = (results: readonly LoadResult[]): string[] => [
    ms(medianOf(results, 'p99')),
    ms(medianOf(results, 'max')),
    ms(Math.max(...results.map((result) => result.max))),
  ]
  return {
    title: 'Btree map of 100,000 entries',
    notes: [
      `From the acknowledged add to the file that holds it, coalescing included: median ${median(alone).toFixed(0)} ms,` +
        ` worst ${Math.max(...alone).toFixed(0)} ms; under look-up load ${median(delays).toFixed(0)} ms (${delays.length} rewrites).`,
    ],
    columns: ['one look-up outstanding, ms', 'p99', 'longest (median of rounds)', 'longest of all'],
    rows: [
      ['no rewrites', ...longest(seen.quiet)],
      ['while the map is rewritten', ...longest(seen.rewriting)],
    ],
    wanted: [
      { what: 'map rewrite of 100k, from the add on', value: median(alone), unit: ' ms', bound: 'at most', limit: 500 },
      {
        what: 'longest look-up while rewriting',
        value: medianOf(seen.rewriting, 'max') / 1000,
        unit: ' ms',
        bound: 'at most',
        limit: 20,
      },
    ],
    raw: { alone, delays, ...seen },
  }
}
