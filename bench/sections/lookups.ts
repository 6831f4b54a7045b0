// Look-ups over socketmap against servers that only echo, in C and in Node.
import { join } from 'node:path'
import { type Bench, note } from '../harness/bench.ts'
import { end, metered, readyWords, start } from '../harness/children.ts'
import { loadLookups } from '../harness/load.ts'
import { ms, rate, type Section, times } from '../harness/report.ts'
import { interleave, medianOf, ratio } from '../harness/rounds.ts'

const SIZE = 1000

interface EchoServer {
  readonly pid: number
  readonly at: { readonly socket: string } | { readonly port: number }
  stop(): Promise<unknown>
}

async function startEcho(bench: Bench, language: 'c' | 'node', transport: 'unix' | 'tcp'): Promise<EchoServer> {
  const socket = bench.path('echo.sock')
  const nodeArgs = [
    join(import.meta.dirname, '../harness/echo-netstring.ts'),
    ...(transport === 'unix' ? [socket] : []),
  ]
  const cArgs = transport === 'unix' ? ['--socket', socket] : []
  const [command, args] = language === 'c' ? [bench.programs['echo-netstring'], cArgs] : [process.execPath, nodeArgs]
  const child = start(command, args, ['ignore', 'pipe', 'inherit'])
  const port = Number((await readyWords(child))[0])
  return { pid: child.pid!, at: transport === 'unix' ? { socket } : { port }, stop: () => end(child, 'SIGKILL') }
}

export async function lookups(bench: Bench): Promise<Section> {
  const dracd = await bench.daemonOf(SIZE)
  const rows: string[][] = []
  const raw: Record<string, unknown> = {}
  for (const transport of ['unix', 'tcp'] as const) {
    const at = transport === 'unix' ? { socket: dracd.socketmapPath } : { port: dracd.socketmapPort }
    const c = await startEcho(bench, 'c', transport)
    const node = await startEcho(bench, 'node', transport)
    for (const connections of [1, 64]) {
      const what = `${transport}, ${connections} connection${connections > 1 ? 's' : ''}`
      note(what)
      const common = { connections, size: SIZE, seconds: bench.pace.seconds }
      const seen = await interleave(bench.pace.rounds, {
        dracd: () => metered(dracd.pid, () => loadLookups(bench.programs, { ...common, ...at, expect: 'table' })),
        node: () => metered(node.pid, () => loadLookups(bench.programs, { ...common, ...node.at, expect: 'echo' })),
        c: () => metered(c.pid, () => loadLookups(bench.programs, { ...common, ...c.at, expect: 'echo' })),
      })
      raw[what] = seen
      rows.push([
        what,
        rate(medianOf(seen.dracd, 'perSecond')),
        ms(medianOf(seen.dracd, 'p50')),
        ms(medianOf(seen.dracd, 'p99')),
        medianOf(seen.dracd, 'cpuUs').toFixed(1),
        rate(medianOf(seen.node, 'perSecond')),
        medianOf(seen.node, 'cpuUs').toFixed(1),
        rate(medianOf(seen.c, 'perSecond')),
        times(ratio(seen.dracd, seen.node)),
        times(ratio(seen.dracd, seen.c)),
      ])
    }
    await Promise.all([c.stop(), node.stop()])
  }
  return {
    title:
      'Look-ups over socketmap (half of them hits, 1,000 entries), one outstanding a connection, look-ups/s and ms',
    notes: ['node, C: servers that answer each netstring with itself. Every answer is checked.'],
    columns: ['', 'dracd/s', 'p50', 'p99', 'cpu us', 'node/s', 'cpu us', 'C/s', 'of node', 'of C'],
    rows,
    wanted: [],
    raw,
  }
}
