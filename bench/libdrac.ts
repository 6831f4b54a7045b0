// `node bench/libdrac.ts [--quick] [--json FILE]`: dracauth beside the same call through rpcgen's client and libtirpc,
// and drac-report beside /bin/true. Ratios of medians over rounds in which both take turns. Needs what the tests of
// libdrac need: gcc, make, rpcgen, libtirpc.
import { execFile } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { Child } from '../test/libdrac/children.ts'
import { type RunningDracd, startDracd } from '../test/libdrac/dracd.ts'
import { startFake } from '../test/libdrac/fake.ts'
import { compile, compileReference, make, removeFolder, skipping, temporaryFolder } from '../test/libdrac/toolchain.ts'
import { tableText, times } from './harness/report.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })
const ROUNDS = values.quick ? 3 : 9
const CALLS = values.quick ? 200 : 1000
const RUNS = values.quick ? 50 : 200

const execute = promisify(execFile)
async function numbers(command: readonly string[]): Promise<number[]> {
  const { stdout } = await execute(command[0]!, command.slice(1))
  return stdout.trim().split(' ').map(Number)
}
const median = (sorted: readonly number[]): number => [...sorted].sort((a, b) => a - b)[sorted.length >> 1]!

/** Medians of the first number that each command prints, the commands taking turns. */
async function compare(rounds: number, ...commands: readonly (readonly string[])[]): Promise<number[]> {
  const seen: number[][] = commands.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [at, command] of commands.entries()) seen[at]!.push((await numbers(command))[0]!)
  return seen.map(median)
}

const time = (seconds: number): string =>
  seconds >= 0.1 ? `${seconds.toFixed(2)} s` : `${(seconds * 1000).toFixed(seconds < 0.01 ? 3 : 1)} ms`

async function main(folder: string): Promise<void> {
  make(folder)
  const ours = compile(folder, 'time')
  const spawn = compile(folder, 'spawn')
  const theirs = compileReference(folder, 25)
  const report = join(folder, 'drac-report')
  mkdirSync(join(folder, 'state'))
  const dracd: RunningDracd = await startDracd(join(folder, 'state'))
  const server = new Child(theirs.server, [])
  const tirpcPort = await server.line('ports', (line) => line.startsWith('ready ') && line.split(' ')[1])
  const silent = await startFake(['127.0.0.1:0=silent'])
  const gone = await startFake(['127.0.0.1:0=silent'])
  await gone.stop()

  const at = (port: string | number | undefined): string => `127.0.0.1:${port}`
  const calls = (count: number, to: string): string[][] => [
    [ours, String(count), to, '203.0.113.5'],
    [theirs.client, 'time', String(count), 'auth', to, '203.0.113.5'],
  ]
  const rows: string[][] = []
  const figures: Record<string, number> = {}
  function add(what: string, [mine, other]: readonly number[], text: (value: number) => string): void {
    rows.push([what, text(mine!), text(other!), times(mine! / other!)])
    figures[what] = mine! / other!
  }

  add('dracauth, dracd running', await compare(ROUNDS, ...calls(CALLS, at(dracd.udpPort))), time)
  add("dracauth, rpcgen's server running", await compare(ROUNDS, ...calls(CALLS, at(tirpcPort))), time)
  add('dracauth, port closed', await compare(ROUNDS, ...calls(CALLS, at(gone.ports[0]))), time)
  add('dracauth, no answer', await compare(1, ...calls(2, at(silent.ports[0]))), time)
  const one = (program: readonly string[]) => [spawn, String(RUNS), ...program]
  add('one process, one dracauth', await compare(ROUNDS, ...calls(1, at(dracd.udpPort)).map(one)), time)
  process.stdout.write(`\n${tableText(['', 'libdrac', 'libtirpc', 'ratio'], rows)}\n`)

  rows.length = 0
  const truth = one(['/bin/true'])
  const memory = async (program: readonly string[]) => [(await numbers(one(program)))[1]!, (await numbers(truth))[1]!]
  const kib = (value: number): string => `${value} KiB`
  const told = [report, '--host', at(dracd.udpPort), '203.0.113.5']
  const control = [report, '--control', `unix:${dracd.control}`, '--user', 'alice', '203.0.113.5']
  add('drac-report --version', await compare(ROUNDS, one([report, '--version']), truth), time)
  add('drac-report over RPC', await compare(ROUNDS, one(told), truth), time)
  add('drac-report over the control socket', await compare(ROUNDS, one(control), truth), time)
  add('memory, --version', await memory([report, '--version']), kib)
  add('memory, over RPC', await memory(told), kib)
  add('memory, over the control socket', await memory(control), kib)
  process.stdout.write(`\n${tableText(['', 'drac-report', '/bin/true', 'ratio'], rows)}\n`)
  process.stdout.write(
    `\ndrac-report: ${statSync(report).size} bytes, libdrac.a: ${statSync(join(folder, 'libdrac.a')).size}\n`,
  )
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)

  await dracd.stop()
  await server.stop()
  await silent.stop()
}

if (skipping('bench/libdrac.ts', 'gcc', 'rpcsvc-proto', 'libtirpc-dev')) process.exit(0)
const folder = temporaryFolder()
try {
  await main(folder)
} finally {
  removeFolder(folder)
}
