// What a bigger table costs: three daemons side by side, asked in turn.
import { type Bench, note } from '../harness/bench.ts'
import type { Dracd } from '../harness/dracd.ts'
import { type LoadResult, loadAdds, loadLookups } from '../harness/load.ts'
import { rate, type Section, times, type Wanted } from '../harness/report.ts'
import { interleave, medianOf, ratio } from '../harness/rounds.ts'

const SIZES = ['1000', '100000', '1000000'] as const
type Size = (typeof SIZES)[number]

export async function sizes(bench: Bench): Promise<Section> {
  const { programs } = bench
  const { seconds } = bench.pace
  const daemons = new Map<Size, Dracd>()
  for (const size of SIZES) daemons.set(size, await bench.daemonOf(Number(size)))
  const kinds: Record<string, (dracd: Dracd, size: number) => Promise<LoadResult>> = {
    'adds, udp, 1 outstanding': (dracd, size) =>
      loadAdds(programs, { transport: 'udp', port: dracd.udpPort, window: 1, size, seconds }),
    'adds, udp, 64 outstanding': (dracd, size) =>
      loadAdds(programs, { transport: 'udp', port: dracd.udpPort, window: 64, size, seconds }),
    'look-ups, unix, 1 connection': (dracd, size) =>
      loadLookups(programs, { socket: dracd.socketmapPath, connections: 1, size, expect: 'table', seconds }),
    'look-ups, unix, 64 connections': (dracd, size) =>
      loadLookups(programs, { socket: dracd.socketmapPath, connections: 64, size, expect: 'table', seconds }),
  }
  /** A store may skip what a renewal within the same second would not change; here there is nothing to skip. */
  async function everyAddAWrite(): Promise<void> {
    const what = 'adds, udp, 64, each a write'
    note(`${what}, at 100k and 1M`)
    const at = (size: Size) => () =>
      loadAdds(programs, {
        transport: 'udp',
        mode: 'cycle',
        port: daemons.get(size)!.udpPort,
        window: 64,
        size: Number(size),
        seconds,
      })
    const synced = await bench.responder('fdatasync', 1_000_000)
    const yardstick = () =>
      loadAdds(programs, { transport: 'udp', port: synced.udpPort, window: 64, size: 1_000_000, seconds })
    const seen = await interleave(bench.pace.rounds, {
      '100000': at('100000'),
      '1000000': at('1000000'),
      synced: yardstick,
    })
    await synced.stop()
    raw[what] = seen
    const perSecond = (size: Size & keyof typeof seen): string => rate(medianOf(seen[size], 'perSecond'))
    rows.push([what, '', perSecond('100000'), perSecond('1000000'), '', ''])
    rows.push([
      '  of fdatasync each',
      '',
      times(ratio(seen['100000'], seen.synced)),
      times(ratio(seen['1000000'], seen.synced)),
      '',
      '',
    ])
  }
  const rows: string[][] = []
  const wanted: Wanted[] = []
  const raw: Record<string, unknown> = {}
  for (const [what, run] of Object.entries(kinds)) {
    note(`${what}, at 1k, 100k and 1M`)
    const at = (size: Size) => () => run(daemons.get(size)!, Number(size))
    const seen = await interleave(bench.pace.rounds, {
      '1000': at('1000'),
      '100000': at('100000'),
      '1000000': at('1000000'),
    })
    const cost = (size: Size): number => ratio(seen['1000'], seen[size])
    raw[what] = seen
    rows.push([
      what,
      ...SIZES.map((size) => rate(medianOf(seen[size], 'perSecond'))),
      times(cost('100000')),
      times(cost('1000000')),
    ])
    wanted.push({ what: `cost at 1M, ${what}`, value: cost('1000000'), unit: 'x', bound: 'at most', limit: 1.25 })
  }
  await everyAddAWrite()
  return {
    title: 'Cost of a bigger table',
    notes: ['Cost: time of one request at that size divided by its time at 1,000 entries.'],
    columns: ['', '1k/s', '100k/s', '1M/s', 'cost at 100k', 'cost at 1M'],
    rows,
    wanted,
    raw,
  }
}
