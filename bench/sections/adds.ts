// Durable adds against two C yardsticks: one that syncs each add as the original does, one that stores nothing.
import { type Bench, type DracPorts, note } from '../harness/bench.ts'
import { metered } from '../harness/children.ts'
import { loadAdds } from '../harness/load.ts'
import { ms, rate, type Section, times, type Wanted } from '../harness/report.ts'
import { interleave, medianOf, ratio } from '../harness/rounds.ts'

const SIZE = 1000
/** Outstanding adds, and how many times the syncing yardstick issue 2 asks for. */
const CASES = [
  { window: 1, wanted: 0.9 },
  { window: 64, wanted: 12 },
] as const

export async function adds(bench: Bench): Promise<Section> {
  const dracd = await bench.daemonOf(SIZE)
  const synced = await bench.responder('fdatasync', SIZE)
  const echo = await bench.responder('none', SIZE)
  const rows: string[][] = []
  const wanted: Wanted[] = []
  const raw: Record<string, unknown> = {}
  for (const transport of ['udp', 'tcp'] as const) {
    for (const { window, wanted: limit } of CASES) {
      const to = (ports: DracPorts) => () =>
        metered(ports.pid, () =>
          loadAdds(bench.programs, {
            transport,
            port: transport === 'udp' ? ports.udpPort : ports.tcpPort,
            window,
            size: SIZE,
            seconds: bench.pace.seconds,
          }),
        )
      const what = `${transport}, ${window} outstanding`
      note(what)
      const seen = await interleave(bench.pace.rounds, { dracd: to(dracd), synced: to(synced), echo: to(echo) })
      const ofSynced = ratio(seen.dracd, seen.synced)
      raw[what] = seen
      wanted.push({ what: `adds, ${what}, of fdatasync each`, value: ofSynced, unit: 'x', bound: 'at least', limit })
      rows.push([
        what,
        rate(medianOf(seen.dracd, 'perSecond')),
        ms(medianOf(seen.dracd, 'p50')),
        ms(medianOf(seen.dracd, 'p99')),
        medianOf(seen.dracd, 'cpuUs').toFixed(1),
        rate(medianOf(seen.synced, 'perSecond')),
        ms(medianOf(seen.synced, 'p50')),
        ms(medianOf(seen.synced, 'p99')),
        medianOf(seen.synced, 'cpuUs').toFixed(1),
        rate(medianOf(seen.echo, 'perSecond')),
        times(ofSynced),
        times(ratio(seen.dracd, seen.echo)),
      ])
    }
  }
  await Promise.all([synced.stop(), echo.stop()])
  return {
    title: 'Durable adds (renewals at random in a table of 1,000), adds/s and ms',
    notes: [
      'cpu us: processor time of the server for each add. fdatasync: C, one thread, 512 bytes and an fdatasync for each add, as rpc.dracd. echo: C, answers, stores nothing.',
    ],
    columns: [
      '',
      'dracd/s',
      'p50',
      'p99',
      'cpu us',
      'fdatasync/s',
      'p50',
      'p99',
      'cpu us',
      'echo/s',
      'of fdatasync',
      'of echo',
    ],
    rows,
    wanted,
    raw,
  }
}
