// npm run bench:package: the packaged executable from its start to ready with an empty table, and what it costs when
// nobody asks it anything, beside Node.js itself and /bin/true in the same rounds. Linux only; builds it first when it is
// missing (npm run build:executable).
//   node bench/package.ts [rounds [seconds of idleness]]
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, endAll, start } from './harness/children.ts'
import { tableText, wantedText } from './harness/report.ts'

const ROUNDS = Number(process.argv[2] ?? 11)
const IDLE_SECONDS = Number(process.argv[3] ?? 30)
const EXECUTABLE = resolve('build/executable/dracd')
/** Clock ticks of /proc/PID/stat, sysconf(_SC_CLK_TCK): 100 on every Linux. */
const TICKS = 100

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const folder = mkdtempSync(join(tmpdir(), 'drac-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let names = 0
/** As installed, but for where its files are. */
function settings(): string[] {
  const state = join(folder, String(++names))
  return [
    `state_directory=${state}`,
    `control=unix:${state}.sock`,
    `socketmap.listen=["unix:${state}-s.sock", "tcp:127.0.0.1:0"]`,
    'drac_rpc.portmapper=off',
  ].flatMap((setting) => ['--set', setting])
}

/** Milliseconds to the line that says ready, and the process, which goes on. */
async function ready(command: string, args: readonly string[]) {
  const from = performance.now()
  const child = start(command, args, ['ignore', 'ignore', 'pipe'])
  let log = ''
  const ms = await new Promise<number>((resolve, reject) => {
    child.stderr!.on('data', (text) => {
      log += text
      if (log.includes('"event":"ready"')) resolve(performance.now() - from)
    })
    child.once('exit', () => reject(new Error(`${command} did not start: ${log}`)))
  })
  return { child, ms }
}

/** Milliseconds to the end. */
async function whole(command: string, args: readonly string[]): Promise<number> {
  const from = performance.now()
  const child = start(command, args, ['ignore', 'ignore', 'ignore'])
  await new Promise((resolve) => child.once('exit', resolve))
  return performance.now() - from
}

async function starts(): Promise<Record<string, number[]>> {
  const seen: Record<string, number[]> = { dracd: [], 'drac --version': [], "node -e ''": [], '/bin/true': [] }
  for (let round = 0; round < ROUNDS; round++) {
    const { child, ms } = await ready(EXECUTABLE, settings())
    await end(child, 'SIGTERM')
    seen.dracd!.push(ms)
    seen['drac --version']!.push(await whole(join(EXECUTABLE, '..', 'drac'), ['--version']))
    seen["node -e ''"]!.push(await whole(process.execPath, ['-e', '']))
    seen['/bin/true']!.push(await whole('/bin/true', []))
  }
  return seen
}

const field = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

/** Processor time of a process so far, all its threads, in seconds. */
function processor(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/**
 * As after a boot: pages of the file that nobody needed are not in memory. Kernels since 6.16 keep a file that was just
 * written in large pieces, and count a whole piece for a process that touches a byte of it.
 */
const forget = (file: string): void => {
  execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'])
}

async function idle() {
  forget(resolve('build/executable/drac-all'))
  const { child } = await ready(EXECUTABLE, settings())
  const node = start(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], ['ignore', 'ignore', 'ignore'])
  await sleep(3_000) // what starting leaves to do is done
  const pids = { dracd: child.pid!, node: node.pid! }
  const before = Object.values(pids).map(processor)
  await sleep(IDLE_SECONDS * 1000)
  const rows = Object.entries(pids).map(([name, pid], at) => ({
    name,
    cpu: (100 * (processor(pid) - before[at]!)) / IDLE_SECONDS,
    rss: field(pid, 'VmRSS'),
    anonymous: field(pid, 'RssAnon'),
    threads: readdirSync(`/proc/${pid}/task`).length,
  }))
  await end(child, 'SIGTERM')
  await end(node, 'SIGKILL')
  return rows
}

if (!existsSync(EXECUTABLE)) execFileSync(process.execPath, ['scripts/build-executable.mjs'], { stdio: 'inherit' })
const seen = await starts()
const rows = await idle()
await endAll()
const node = median(seen["node -e ''"]!)
const show = (value: number): string => value.toFixed(value < 10 ? 2 : 0)
console.log(`== Start, median of ${ROUNDS} rounds
${tableText(
  ['', 'ms', 'fastest', 'of a bare Node.js'],
  Object.entries(seen).map(([name, all]) => [
    name,
    show(median(all)),
    show(Math.min(...all)),
    `${(median(all) / node).toFixed(2)}x`,
  ]),
)}

== Idle for ${IDLE_SECONDS} s
${tableText(
  ['', 'cpu %', 'RSS MB', 'of it its own', 'threads'],
  rows.map(({ name, cpu, rss, anonymous, threads }) => [
    name,
    cpu.toFixed(3),
    show(rss),
    show(anonymous),
    String(threads),
  ]),
)}

${wantedText([
  { what: 'start to ready, empty table', value: median(seen.dracd!), unit: ' ms', bound: 'at most', limit: 300 },
  { what: 'idle processor time', value: rows[0]!.cpu, unit: ' %', bound: 'at most', limit: 0.1 },
  { what: 'RSS, idle', value: rows[0]!.rss, unit: ' MB', bound: 'at most', limit: 90 },
])}`)
