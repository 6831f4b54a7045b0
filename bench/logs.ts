// node bench/logs.ts [lines] [rounds] [server ...]: how fast the lines of a log are read, from the file to the event, for each server
// with its own patterns alone and with those of all servers, beside `grep -cE` with one pattern on the same file. Each
// file is one third that server's lines, two thirds other programs'. The three take turns; time is processor time; the figures are medians over the
// rounds, the ratios medians of the rounds' ratios. Exits 1 when a login is missed.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogLines } from '../src/protocols/login-log/lines.ts'
import { LogMatcher } from '../src/protocols/login-log/matcher.ts'
import { NOTHING, SESSIONS, writeLog } from './logs/generate.ts'

const LINES = Number(process.argv[2] ?? 500_000)
const ROUNDS = Number(process.argv[3] ?? 5)
const NOW = new Date(2026, 10, 23).getTime() / 1000
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

interface Run {
  readonly seconds: number
  readonly count: number
}

/** Processor time of all threads: others are at work on the machine too. */
function timed(work: () => number): Run {
  const start = process.cpuUsage()
  const count = work()
  const { user, system } = process.cpuUsage(start)
  return { seconds: (user + system) / 1e6, count }
}

function match(path: string, servers?: readonly string[]): number {
  const matcher = new LogMatcher(servers ? { servers } : {})
  const lines = new LogLines()
  const chunk = Buffer.allocUnsafe(262_144)
  let logins = 0
  const each = (text: string, from: number, to: number): void => {
    if (matcher.matchIn(text, from, to, NOW)?.kind === 'login') logins++
  }
  const fd = openSync(path, 'r')
  for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk))
    lines.pushRanges(chunk.subarray(0, read), each)
  closeSync(fd)
  return logins
}

function grep(path: string, pattern: string): Run {
  const script = `TIMEFORMAT='%U %S'; time grep -cE "$1" "$2"`
  const env = { ...process.env, LC_ALL: 'C' }
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', pattern, path], { encoding: 'utf8', env })
  const [user, system] = stderr.trim().split(' ').map(Number) as [number, number]
  return { seconds: user + system, count: Number(stdout) }
}

/** `others`: a log without a line of any server, read for Dovecot's. */
const FILES = { ...SESSIONS, others: NOTHING }
const wanted = process.argv.slice(4)
const folder = mkdtempSync(join(tmpdir(), 'drac-bench-'))
const million = (seconds: number, lines: number): string => `${(lines / seconds / 1e6).toFixed(2)}M`
const rows: string[][] = []
const ratios: { one: number; all: number }[] = []
try {
  match(writeAll('warm-up', 20_000).path)
  for (const [server, of] of Object.entries(FILES)) {
    if (wanted.length > 0 && !wanted.includes(server)) continue
    const servers = of === NOTHING ? ['dovecot'] : [server]
    const { path, logins, lines } = writeAll(server, LINES)
    const rounds = Array.from({ length: ROUNDS }, () => ({
      grep: grep(path, of.grep),
      one: timed(() => match(path, servers)),
      all: timed(() => match(path)),
    }))
    for (const { one, all, grep } of rounds)
      for (const [who, { count }] of Object.entries({ one, all, grep }))
        if (count !== logins) {
          console.error(`${server}: ${who} saw ${count} of ${logins} logins`)
          process.exitCode = 1
        }
    const middle = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick))
    const ratio = {
      one: middle((r) => r.grep.seconds / r.one.seconds),
      all: middle((r) => r.grep.seconds / r.all.seconds),
    }
    ratios.push(ratio)
    rows.push([
      server,
      `${(statSync(path).size / 1e6).toFixed(0)} MB`,
      million(
        middle((r) => r.grep.seconds),
        lines,
      ),
      million(
        middle((r) => r.one.seconds),
        lines,
      ),
      million(
        middle((r) => r.all.seconds),
        lines,
      ),
      `${ratio.one.toFixed(2)}x`,
      `${ratio.all.toFixed(2)}x`,
      `${middle((r) => r.all.seconds / r.one.seconds).toFixed(2)}x`,
    ])
    rmSync(path)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function writeAll(server: string, many: number): { path: string; logins: number; lines: number } {
  const path = join(folder, `${server}.txt`)
  const of = server in FILES ? FILES[server as keyof typeof FILES]! : SESSIONS.dovecot!
  const logins = writeLog(path, of, new RegExp(of.grep), many)
  return { path, logins, lines: grep(path, '').count }
}

const head = ['server', 'file', 'grep/s', 'one/s', 'all/s', 'one : grep', 'all : grep', 'cost of all']
const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)))
const say = (row: readonly string[]): void => console.log(row.map((cell, i) => cell.padEnd(widths[i]!)).join('  '))
console.log(
  `Log lines per second of processor time, ${LINES} lines a file, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.versions.node}`,
)
console.log('one: the patterns of that server; all: of all servers; grep: grep -cE with one pattern, LC_ALL=C')
say(head)
for (const row of rows) say(row)
console.log(
  `median: one ${median(ratios.map(({ one }) => one)).toFixed(2)}x, all ${median(ratios.map(({ all }) => all)).toFixed(2)}x of grep`,
)
