// node bench/maps.ts [entries ...]: rewrites of a map of each format from the real store, beside db5.3_load making a
// btree of the same entries in the same run. "longest wait" is how long the event loop kept a 1 ms timer waiting meanwhile, hence a look-up;
// "idle" is the same over as long a time in which nothing was rewritten: what the machine itself does to a timer.
import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressFromUint32, parseAddress } from '../src/lib/address.ts'
import { wallClock } from '../src/lib/clock.ts'
import { type RelayKey, relayKey } from '../src/lib/prefix.ts'
import type { MapConfig } from '../src/maps/publisher/map-config.ts'
import { MapPublisher } from '../src/maps/publisher/publisher.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'

const ROUNDS = 7
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000, 1_000_000]
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const ipv4 = (i: number): RelayKey => relayKey(addressFromUint32(Math.imul(i + 1, 2654435761) >>> 0), 32)
const ipv6 = (i: number): RelayKey =>
  relayKey(parseAddress(`2001:db8:${(i >> 8).toString(16)}::${(i & 255).toString(16)}:5`), 128)

async function filledStore(path: string, keys: readonly RelayKey[], now: number): Promise<SqliteStore> {
  const store = new SqliteStore({ path, maxEntries: keys.length })
  for (let from = 0; from < keys.length; from += 5000) {
    const slice = keys.slice(from, from + 5000)
    await Promise.all(
      slice.map((key, i) => store.put({ key, expiresAt: now + 7200 + (i % 1800), now, source: 'bench' })),
    )
  }
  return store
}

interface Round {
  readonly ms: number
  readonly longestWait: number
  readonly rss: number
  readonly idleWait: number
}

async function rewrite(publisher: MapPublisher, path: string): Promise<Round> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  rmSync(path, { force: true })
  await sleep(20)
  delay.enable()
  const before = publisher.status().rewrites
  publisher.refresh()
  while (publisher.status().rewrites === before) await sleep(1)
  delay.disable()
  const ms = publisher.status().duration * 1000
  const longestWait = delay.max / 1e6
  delay.reset()
  delay.enable()
  await sleep(ms)
  delay.disable()
  return { ms, longestWait, rss: process.memoryUsage.rss() / 1e6, idleWait: delay.max / 1e6 }
}

/** Milliseconds for db5.3_load to make a file of the same entries, brought to the disk as ours is; NaN when not installed. */
function load(path: string, input: string): number {
  rmSync(path, { force: true })
  const began = performance.now()
  const { status } = spawnSync('db5.3_load', ['-T', '-t', 'btree', path], { input, maxBuffer: 2 ** 20 })
  if (status !== 0) return Number.NaN
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
  return performance.now() - began
}

type Format = MapConfig['format']
const FORMATS: readonly Format[] = ['btree', 'hash', 'cdb', 'tcprules', 'text']

async function measure(name: string, keys: readonly RelayKey[], format: Format = 'btree'): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'drac-bench-maps-'))
  const [path, theirs] = [join(folder, 'dracd.db'), join(folder, 'theirs.db')]
  const config: MapConfig = { path, format, key: 'address', value: 'expiry', nul: false }
  const now = wallClock()
  const store = await filledStore(join(folder, 'drac.sqlite'), keys, now)
  const publisher = new MapPublisher(config, (at) => store.list({ now: at }), wallClock)
  const input = keys
    .toSorted()
    .map((key) => `${key}\n${now + 7200}\n`)
    .join('')
  await publisher.start()
  while (publisher.status().writtenAt === undefined) await sleep(5)
  const rounds: Round[] = []
  const loads: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(await rewrite(publisher, path))
    loads.push(load(theirs, input))
  }
  const ms = median(rounds.map((round) => round.ms))
  const worst = (of: (round: Round) => number): string => Math.max(...rounds.map(of)).toFixed(0)
  const yardstick = median(loads)
  const cells = [
    `${name} ${format}`,
    ms.toFixed(1),
    worst((round) => round.ms),
    (publisher.status().bytes / 1e6).toFixed(2),
    median(rounds.map((round) => round.longestWait)).toFixed(1),
    worst((round) => round.longestWait),
    median(rounds.map((round) => round.idleWait)).toFixed(1),
    worst((round) => round.idleWait),
    yardstick.toFixed(1),
    (yardstick / ms).toFixed(2),
    Number.isNaN(yardstick) ? '-' : (statSync(theirs).size / 1e6).toFixed(2),
    worst((round) => round.rss),
  ]
  process.stdout.write(`${cells.map((cell, i) => (i ? cell.padStart(12) : cell.padEnd(24))).join('')}\n`)
  await publisher.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}

const columns = [
  'entries',
  'ms',
  'worst',
  'MB',
  'longest wait',
  'worst',
  'idle',
  'worst',
  'db5.3_load',
  'times as fast',
  'its MB',
  'RSS MB',
]
process.stdout.write(`${columns.map((cell, i) => (i ? cell.padStart(12) : cell.padEnd(24))).join('')}\n`)
for (const size of sizes)
  for (const format of size === 100_000 ? FORMATS : FORMATS.slice(0, 1))
    await measure(
      `${size} IPv4`,
      Array.from({ length: size }, (_, i) => ipv4(i)),
      format,
    )
if (sizes.includes(100_000))
  for (const format of FORMATS)
    await measure(
      '100000 IPv6',
      Array.from({ length: 100_000 }, (_, i) => ipv6(i)),
      format,
    )
