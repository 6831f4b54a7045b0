// Where the time goes: node bench/profile.ts [--kind adds|lookups] [--size N] [--window N] [--seconds S] [--transport udp|tcp]
//   [--mode renew|cycle] [--rows N] [--daemon PATH/TO/dracd.ts]
// Fills a daemon, starts it again under --cpu-prof, loads it, and prints what each thread spent its time on.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startDracd, useDaemon } from './harness/dracd.ts'
import { fill, type LoadResult, loadAdds, loadLookups } from './harness/load.ts'
import { buildDaemon, compile } from './harness/programs.ts'
import { tableText } from './harness/report.ts'

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'adds' },
    size: { type: 'string', default: '1000' },
    window: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '4' },
    transport: { type: 'string', default: 'udp' },
    mode: { type: 'string', default: 'renew' },
    rows: { type: 'string', default: '30' },
    daemon: { type: 'string' },
  },
})

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

/** Self time of every function in microseconds, the longest first. */
function selfTimes(profile: CpuProfile): readonly (readonly [name: string, us: number])[] {
  const names = new Map(
    profile.nodes.map(({ id, callFrame }) => {
      const at =
        callFrame.url === ''
          ? ''
          : ` ${callFrame.url.replace(/^.*\/(src|node_modules)\//, '')}:${callFrame.lineNumber + 1}`
      return [id, `${callFrame.functionName || '(anonymous)'}${at}`]
    }),
  )
  const times = new Map<string, number>()
  profile.samples.forEach((id, at) => {
    const name = names.get(id) ?? '?'
    times.set(name, (times.get(name) ?? 0) + profile.timeDeltas[at]!)
  })
  return [...times].toSorted((a, b) => b[1] - a[1])
}

const cache = resolve(import.meta.dirname, '../.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'profile-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const programs = await compile(folder)
useDaemon(values.daemon ?? (await buildDaemon(folder)))
const size = Number(values.size)
const window = Number(values.window)
const seconds = Number(values.seconds)
const stateDirectory = join(folder, 'state')

const filling = await startDracd({ stateDirectory })
await fill(programs, filling.udpPort, size)
await filling.stop()

const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${folder}`]
const dracd = await startDracd({ stateDirectory, nodeArgs })
const transport = values.transport === 'tcp' ? 'tcp' : 'udp'
const mode = values.mode === 'cycle' ? 'cycle' : 'renew'
const result: LoadResult =
  values.kind === 'adds'
    ? await loadAdds(programs, {
        transport,
        mode,
        port: transport === 'udp' ? dracd.udpPort : dracd.tcpPort,
        window,
        size,
        seconds,
      })
    : await loadLookups(programs, { socket: dracd.socketmapPath, connections: window, size, expect: 'table', seconds })
await dracd.stop()
process.stdout.write(`${JSON.stringify(result)}\n`)
for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
  const times = selfTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile)
  const busy = times.reduce((sum, [name, us]) => (name === '(idle)' ? sum : sum + us), 0)
  const rows = times
    .slice(0, Number(values.rows))
    .map(([name, us]) => [name, (us / 1000).toFixed(0), name === '(idle)' ? '' : `${((us / busy) * 100).toFixed(1)} %`])
  process.stdout.write(`\n${file}\n${tableText(['function', 'self ms', 'of busy'], rows)}\n`)
}
