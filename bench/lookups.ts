// node bench/lookups.ts [--quick]: look-ups a second for every look-up protocol, one question outstanding on each of 1 and
// 64 connections, beside bare Node servers that echo on the same transport, and Redis answering GET.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { end, output, readyWords, start } from './harness/children.ts'
import { rate, sectionText, times, type Wanted } from './harness/report.ts'
import { interleave, medianOf, ratio } from './harness/rounds.ts'
import { bytesPerIdleConnection } from './lookups/memory.ts'
import { echoed, pairsFile, pairsOf } from './lookups/pairs.ts'
import type { Rate } from './lookups/rate.ts'
import { startRedis } from './lookups/redis.ts'

const quick = process.argv.includes('--quick')
const [rounds, seconds] = quick ? [3, 0.5] : [7, 2]
const cache = resolve(import.meta.dirname, '../.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'b-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const load = join(folder, 'load-pairs')
const source = join(import.meta.dirname, 'lookups/load-pairs.c')
execFileSync(process.env.CC ?? 'cc', ['-O2', '-Wall', '-o', load, source])

/** A program of ours, its process, and its endpoints as `name=endpoint` words. */
async function serve(name: string, place = 'busy') {
  const own = join(folder, place)
  mkdirSync(own, { recursive: true })
  const args = [join(import.meta.dirname, 'lookups', name), own]
  const child = start(process.execPath, args, ['ignore', 'pipe', 'inherit'])
  const words = await readyWords(child)
  const at = (server: string, transport: string): string =>
    words.find((word) => word.startsWith(`${server}=${transport}:`))!.slice(server.length + 1)
  return { pid: child.pid!, at, stop: () => end(child, 'SIGKILL') }
}

let wrong = 0
async function run(endpoint: string, pairs: string, connections: number, reconnect = 0): Promise<Rate> {
  const [transport, ...rest] = endpoint.split(':')
  const args = [`--${transport}`, rest.at(-1)!, '--pairs', pairs, '--connections', String(connections)]
  const text = await output(load, [...args, '--seconds', String(seconds), '--reconnect', String(reconnect)])
  const result = JSON.parse(text) as Rate & { readonly wrong: number; readonly lost: number }
  if (result.wrong > 0) process.stdout.write(`WRONG: ${result.wrong} answers: ${args.join(' ')}\n`)
  if (result.lost > 0) process.stderr.write(`   ${result.lost} datagrams lost: ${args.join(' ')}\n`)
  wrong += result.wrong
  return result
}

const server = await serve('server.ts')
const echo = await serve('echo.ts')
const redis = await startRedis(folder)
const CASES = [
  ['socketmap', 'unix'],
  ['socketmap', 'tcp'],
  ['tcp_table', 'tcp'],
  ['policy', 'tcp'],
  ['readsocket', 'unix'],
  ['dns_list', 'udp'],
  ['dns_list', 'tcp'],
  ['whoson', 'udp'],
] as const
const rows: string[][] = []
const wanted: Wanted[] = []
const raw: Record<string, unknown> = {}

for (const [name, transport] of CASES) {
  const protocol = name === 'dns_list' || name === 'whoson' ? `${name} ${transport}` : name
  const pairs = pairsOf(protocol)
  const [asked, repeated] = [join(folder, 'pairs'), join(folder, 'echoes')]
  writeFileSync(asked, pairsFile(pairs))
  writeFileSync(repeated, pairsFile(echoed(pairs)))
  const reconnect = name === 'readsocket' ? 1 : 0
  for (const connections of [1, 64]) {
    const what = `${name} ${transport}, ${connections}`
    process.stderr.write(`   ${what}\n`)
    const seen = await interleave(rounds, {
      drac: () => run(server.at(name, transport), asked, connections, reconnect),
      echo: () => run(echo.at(reconnect ? 'once' : 'echo', transport), repeated, connections, reconnect),
      redis: async () => (await redis?.get(connections, seconds)) ?? { perSecond: Number.NaN },
    })
    raw[what] = seen
    const rates = [seen.drac, seen.echo, seen.redis].map((results) => rate(medianOf(results, 'perSecond')))
    rows.push([what, ...rates, times(ratio(seen.drac, seen.echo)), times(ratio(seen.drac, seen.redis))])
    if (name !== 'socketmap' || connections !== 64) continue
    const about = `socketmap, ${transport}, 64 connections`
    wanted.push({
      what: `${about}, of echo`,
      value: ratio(seen.drac, seen.echo),
      unit: 'x',
      bound: 'at least',
      limit: 0.8,
    })
    if (transport !== 'tcp' || redis === undefined) continue
    wanted.push({
      what: `${about}, of Redis`,
      value: ratio(seen.drac, seen.redis),
      unit: 'x',
      bound: 'at least',
      limit: 0.9,
    })
  }
}
await Promise.all([server.stop(), echo.stop(), redis?.stop()])
for (const name of ['socketmap', 'tcp_table', 'policy', 'dns_list', 'whoson']) {
  const fresh = await serve('server.ts', `idle-${name}`)
  const port = Number(fresh.at(name, 'tcp').split(':').at(-1))
  const protocol = name === 'dns_list' ? 'dns_list tcp' : name === 'whoson' ? 'whoson udp' : name
  const bytes = await bytesPerIdleConnection(fresh.pid, port, pairsOf(protocol)[0]!)
  const what = `memory of an idle connection, ${name}`
  wanted.push({ what, value: bytes / 1024, unit: ' KB', bound: 'at most', limit: 20 })
  await fresh.stop()
}
process.stdout.write(
  sectionText({
    title: 'Look-ups by protocol (half of them hits, 1,000 entries), one outstanding a connection, answers/s',
    notes: [
      'echo: a bare Node server that sends back each chunk. redis: redis-benchmark -P 1, GET over TCP. Every answer of drac is checked.',
    ],
    columns: ['', 'drac', 'echo', 'redis', 'of echo', 'of redis'],
    rows,
    wanted,
    raw,
  }),
)
process.exitCode = wrong > 0 ? 1 : 0
