// node bench/log-follower.ts [lines]: the log follower in a real dracd.
//
// - From a line written to a permit answered, over a socketmap, on an idle daemon: 200 lines, one every 50 ms.
// - Processor time over 10 s in which nothing is written, with 3 logs followed; without logs; and of `tail -F` on the
//   same 3 files. Nanoseconds of every thread as the scheduler counts them.
// - Catching up with a log of [lines] lines (1,000,000) that appears at once, patterns of all servers enabled, beside
//   `grep -cE` with one pattern on the same file; once without logins, once with a tenth of the lines being logins, each
//   of which is brought to the disk. Exits 1 when a login is missed.
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogStatusView, StatusView } from '../src/admin/status.ts'
import { controlRequest } from '../src/client/control.ts'
import { loginLine, stamp } from '../test/daemon/log-lines.ts'
import { endAll, start } from './harness/children.ts'
import { startDracd } from './harness/dracd.ts'
import { lookup } from './harness/socketmap.ts'

const LINES = Number(process.argv[2] ?? 1_000_000)
const SAMPLES = 200
const IDLE_MS = 10_000
const PATTERN = ' dovecot: (imap|pop3)-login: (Login|Logged in): user=<.*>, method=[A-Z0-9-]+, rip=[0-9a-fA-F.:]+, lip='

mkdirSync('.cache', { recursive: true })
const folder = mkdtempSync(join('.cache', 'bench-log-follower-'))
const absolute = join(process.cwd(), folder)
const logs = ['a', 'b', 'c'].map((name) => join(absolute, `${name}.log`))
const settings = (paths: readonly string[]): string[] => [
  `log=[${paths.map((path) => `{path = "${path}"}`).join(', ')}]`,
]
let failed = false

const at = (sorted: readonly number[], part: number): string =>
  `${sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(1)} ms`

/** Nanoseconds on a processor, of all its threads. */
function processorTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, each) => sum + each, 0)
}

async function idle(pid: number): Promise<number> {
  await sleep(2000)
  const [before, began] = [processorTime(pid), performance.now()]
  await sleep(IDLE_MS)
  return ((processorTime(pid) - before) / 1e6 / (performance.now() - began)) * 100
}

async function logStatus(stateDirectory: string): Promise<LogStatusView[]> {
  const { body } = await controlRequest(join(stateDirectory, 'control.sock'), 'GET', '/v1/status')
  return [...(body as StatusView).logs]
}

async function latency(socket: string): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    await sleep(50)
    const address = `198.51.100.${i}`
    const line = loginLine(address)
    const began = performance.now()
    appendFileSync(logs[i % 3]!, line)
    while ((await lookup(socket, address)) !== 'OK OK')
      if (performance.now() - began > 10_000) throw new Error(`no permit for ${address}`)
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  console.log(
    `line to permit, ${SAMPLES} lines: p50 ${at(times, 0.5)}, p99 ${at(times, 0.99)}, longest ${at(times, 1)}`,
  )
}

async function idleAndLatency(): Promise<void> {
  for (const log of logs) writeFileSync(log, `${stamp()} mailhost postfix/smtpd[7]: connect from x\n`.repeat(1000))
  const [followed, plain] = [join(absolute, 'followed'), join(absolute, 'plain')]
  const with3 = await startDracd({ stateDirectory: followed, settings: settings(logs) })
  const without = await startDracd({ stateDirectory: plain })
  const tail = start('tail', ['-F', ...logs], ['ignore', 'ignore', 'ignore'])
  const [ours, base, theirs] = (await Promise.all([with3.pid, without.pid, tail.pid!].map(idle))) as [
    number,
    number,
    number,
  ]
  const more = ours - base
  console.log(
    `idle for 10 s: dracd with 3 logs ${ours.toFixed(3)} % of a processor, without logs ${base.toFixed(3)} %, the difference ${more.toFixed(3)} %; tail -F on the same files ${theirs.toFixed(4)} %${theirs > 0 ? `, ${(more / theirs).toFixed(1)}x that` : ', too little to count'}`,
  )
  await latency(with3.socketmapPath)
  await with3.stop()
  await without.stop()
}

/** @param every each so-manieth line is a login, from one of 1000 addresses; 0 for none */
function writeBig(path: string, every: number): number {
  const file = openSync(path, 'w')
  let logins = 0
  for (let i = 0; i < LINES; ) {
    let text = ''
    for (const end = Math.min(LINES, i + 10_000); i < end; i++) {
      if (every > 0 && i % every === 0) {
        const n = logins++ % 1000
        text += loginLine(`192.0.${2 + (n >> 8)}.${n & 255}`, Date.now(), `s${i}`)
      } else
        text += `${stamp()} mailhost postfix/smtpd[${i % 30_000}]: 4F2${i}: client=unknown[203.0.113.${i % 250}], sasl_method=PLAIN\n`
    }
    writeSync(file, text)
  }
  closeSync(file)
  return logins
}

async function catchUp(name: string, every: number): Promise<void> {
  const [path, big, stateDirectory] = [
    join(absolute, 'mail.log'),
    join(absolute, 'big'),
    join(absolute, `state-${every}`),
  ]
  writeFileSync(path, `${stamp()} mailhost x: y\n`)
  const dracd = await startDracd({ stateDirectory, settings: settings([path]) })
  const logins = writeBig(big, every)
  const grep = (): number => {
    const began = performance.now()
    spawnSync('grep', ['-cE', PATTERN, big], { env: { ...process.env, LC_ALL: 'C' } })
    return performance.now() - began
  }
  const greps = [grep(), grep(), grep()].sort((a, b) => a - b)
  const before = processorTime(dracd.pid)
  const began = performance.now()
  renameSync(big, path)
  let status = (await logStatus(stateDirectory))[0]!
  while (status.lines < LINES + 1) {
    await sleep(20)
    status = (await logStatus(stateDirectory))[0]!
  }
  const ms = performance.now() - began
  const cpu = (processorTime(dracd.pid) - before) / 1e6
  if (status.events !== logins) {
    console.log(`MISSED: ${logins} logins written, ${status.events} seen`)
    failed = true
  }
  const rate = (each: number): string => `${Math.round(LINES / each).toLocaleString('en')}k lines/s`
  console.log(
    `catching up with ${LINES.toLocaleString('en')} lines, ${name}: ${(ms / 1000).toFixed(2)} s, ${rate(ms)} (${(cpu / 1000).toFixed(2)} s of processor); grep -cE ${(greps[1]! / 1000).toFixed(2)} s; ${(ms / greps[1]!).toFixed(1)}x its time`,
  )
  await dracd.stop()
}

try {
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)}`,
  )
  await idleAndLatency()
  await catchUp('no logins', 0)
  await catchUp('a tenth of them logins', 10)
} finally {
  await endAll()
  rmSync(absolute, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
