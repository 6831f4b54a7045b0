// What a bigger table costs: three daemons side by side, asked in turn.
import { type Bench, note } from '../harness/bench.ts'
import { metered } from '../harness/children.ts'
import type { Dracd } from '../harness/dracd.ts'
import { type LoadResult, loadAdds, loadLookups } from '../harness/load.ts'
import type { Programs } from '../harness/programs.ts'
import { rate, type Section, times, type Wanted } from '../harness/report.ts'
import { interleave, medianOf, ratio } from '../harness/rounds.ts'

const SIZES = ['1000', '100000', '1000000'] as const
type Size = (typeof SIZES)[number]
type Load = (
  programs: Programs,
  dracd: Pick<Dracd, 'udpPort' | 'socketmapPath'>,
  size: number,
  seconds: number,
) => Promise<LoadResult>

const addsOf =
  (window: number, mode: 'renew' | 'cycle' = 'renew'): Load =>
  (programs, { udpPort: port }, size, seconds) =>
    loadAdds(programs, { transport: 'udp', mode, port, window, size, seconds })
const lookupsOf =
  (connections: number): Load =>
  (programs, { socketmapPath: socket }, size, seconds) =>
    loadLookups(programs, { socket, connections, size, expect: 'table', seconds })

const LOADS: Readonly<Record<string, Load>> = {
  'adds, udp, 1 outstanding': addsOf(1),
  'adds, udp, 64 outstanding': addsOf(64),
  'look-ups, unix, 1 connection': lookupsOf(1),
  'look-ups, unix, 64 connections': lookupsOf(64),
}

export async function sizes(bench: Bench): Promise<Section> {
  const daemons = new Map<Size, Dracd>()
  for (const size of SIZES) daemons.set(size, await bench.daemonOf(Number(size)))
  const at = (load: Load, size: Size) => () =>
    metered(daemons.get(size)!.pid, () => load(bench.programs, daemons.get(size)!, Number(size), bench.pace.seconds))
  const rows: string[][] = []
  const wanted: Wanted[] = []
  const raw: Record<string, unknown> = {}
  for (const [what, load] of Object.entries(LOADS)) {
    note(`${what}, at 1k, 100k and 1M`)
    const seen = await interleave(bench.pace.rounds, {
      '1000': at(load, '1000'),
      '100000': at(load, '100000'),
      '1000000': at(load, '1000000'),
    })
    const cost = (size: Size): number => ratio(seen['1000'], seen[size])
    raw[what] = seen
    rows.push([
      what,
      ...SIZES.map((size) => rate(medianOf(seen[size], 'perSecond'))),
      times(cost('100000')),
      times(cost('1000000')),
      ...SIZES.map((size) => medianOf(seen[size], 'cpuUs').toFixed(1)),
    ])
    wanted.push({ what: `cost at 1M, ${what}`, value: cost('1000000'), unit: 'x', bound: 'at most', limit: 1.25 })
  }
  const write = await everyAddAWrite(bench, (size) => at(addsOf(64, 'cycle'), size))
  return {
    title: 'Cost of a bigger table',
    notes: [
      'Cost: time of one request at that size divided by its time at 1,000 entries. cpu us: processor time of the daemon',
      'for each request. each a write: no entry comes twice in a second, so that no add finds itself stored already.',
    ],
    columns: ['', '1k/s', '100k/s', '1M/s', 'cost at 100k', 'cost at 1M', 'cpu us at 1k', 'at 100k', 'at 1M'],
    rows: [...rows, ...write.rows],
    wanted,
    raw: { ...raw, eachAWrite: write.raw },
  }
}

/** A store may skip what a renewal within the same second would not change; here there is nothing to skip. */
async function everyAddAWrite(
  bench: Bench,
  at: (size: Size) => () => Promise<LoadResult & { readonly cpuUs: number }>,
): Promise<{ readonly rows: string[][]; readonly raw: unknown }> {
  note('adds, each a write, at 100k and 1M')
  const yardstick = await bench.responder('fdatasync', 1_000_000)
  const seen = await interleave(bench.pace.rounds, {
    '100000': at('100000'),
    '1000000': at('1000000'),
    synced: () =>
      metered(yardstick.pid, () =>
        addsOf(64)(bench.programs, { ...yardstick, socketmapPath: '' }, 1_000_000, bench.pace.seconds),
      ),
  })
  await yardstick.stop()
  const both = ['100000', '1000000'] as const
  const rates = both.map((size) => rate(medianOf(seen[size], 'perSecond')))
  const cpu = both.map((size) => medianOf(seen[size], 'cpuUs').toFixed(1))
  const ratios = both.map((size) => times(ratio(seen[size], seen.synced)))
  return {
    rows: [
      ['adds, udp, 64, each a write', '', ...rates, '', '', '', ...cpu],
      ['  of fdatasync each', '', ...ratios],
    ],
    raw: seen,
  }
}
