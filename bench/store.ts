// The store alone, without sockets: for tuning it. `node bench/store.ts [rows ...]`; figures for operators: bench/run.ts.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressFromUint32 } from '../src/lib/address.ts'
import { type RelayKey, relayKey } from '../src/lib/prefix.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 1.5)
const ROWS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 100_000, 1_000_000]
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'drac-bench-'))
const now = (): number => Math.floor(Date.now() / 1000)

/** The i-th of the addresses: spread over all of IPv4, none twice. */
const address = (i: number): RelayKey => relayKey(addressFromUint32(Math.imul(i + 1, 2_654_435_761) >>> 0), 32)
const anyOf = (rows: number): RelayKey => address(Math.floor(Math.random() * rows))

async function fill(store: SqliteStore, rows: number): Promise<void> {
  for (let i = 0; i < rows; i += 5000) {
    const puts = Array.from({ length: Math.min(5000, rows - i) }, (_, j) =>
      store.put({ key: address(i + j), expiresAt: now() + 1800, now: now(), source: 'drac-rpc 127.0.0.1' }),
    )
    await Promise.all(puts)
  }
}

interface Cost {
  readonly wall: number
  /** Of the main thread alone: says more than the clock on a machine with other work to do. */
  readonly cpu: number
}

/** Microseconds of work, each. */
async function cost(work: () => number | Promise<number>): Promise<Cost> {
  const start = performance.now()
  const before = process.threadCpuUsage()
  const times = await work()
  const { user, system } = process.threadCpuUsage(before)
  return { wall: ((performance.now() - start) * 1000) / times, cpu: (user + system) / times }
}

/** Puts `outstanding` at a time: when all are answered the next ones come. */
async function puts(store: SqliteStore, rows: number, outstanding: number): Promise<number> {
  let done = 0
  const end = performance.now() + SECONDS * 1000
  while (performance.now() < end) {
    const t = now()
    const group = Array.from({ length: outstanding }, () =>
      store.put({ key: anyOf(rows), expiresAt: t + 1800, now: t, source: 'drac-rpc 127.0.0.1' }),
    )
    await Promise.all(group)
    done += outstanding
  }
  return done
}

function gets(store: SqliteStore, rows: number): number {
  for (let i = 0; i < 100_000; i++) store.get(anyOf(rows * 2))
  return 100_000
}

/** Microseconds for a write of 100 bytes over the same place and its fdatasync: what one durable add costs at least. */
function yardstick(): number {
  const file = join(folder, 'yardstick')
  const fd = openSync(file, 'w')
  const bytes = Buffer.alloc(100)
  const rounds = 2000
  const start = performance.now()
  for (let i = 0; i < rounds; i++) {
    writeSync(fd, bytes, 0, bytes.length, 0)
    fdatasyncSync(fd)
  }
  closeSync(fd)
  return ((performance.now() - start) * 1000) / rounds
}

const us = ({ wall, cpu }: Cost): string => `${wall.toFixed(1).padStart(6)} us (CPU ${cpu.toFixed(1).padStart(5)})`
const smallest = new Map<number, Cost>()
try {
  for (const rows of ROWS) {
    const path = join(folder, `${rows}`, 'drac.db')
    let store = new SqliteStore({ path })
    await fill(store, rows)
    await store.close()
    const opened = performance.now()
    store = new SqliteStore({ path })
    store.get(anyOf(rows))
    const opening = performance.now() - opened
    for (const outstanding of [1, 16, 32, 64]) {
      const floor = yardstick()
      const put = await cost(() => puts(store, rows, outstanding))
      if (!smallest.has(outstanding)) smallest.set(outstanding, put)
      const least = smallest.get(outstanding)!
      console.log(
        `${String(rows).padStart(8)} rows ${String(outstanding).padStart(3)} at once: put ${us(put)}` +
          `  = ${(floor / put.wall).toFixed(2)}x one sync each; of ${ROWS[0]} rows ${(put.wall / least.wall).toFixed(2)}x (CPU ${(put.cpu / least.cpu).toFixed(2)}x)`,
      )
    }
    const { size } = statSync(`${path}-wal`)
    console.log(
      `${String(rows).padStart(8)} rows: get ${us(await cost(() => gets(store, rows)))}, opened in ${opening.toFixed(0)} ms, ` +
        `RSS ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB, WAL ${(size / 1e6).toFixed(1)} MB`,
    )
    const closing = performance.now()
    await store.close()
    console.log(`${String(rows).padStart(8)} rows: closed in ${(performance.now() - closing).toFixed(0)} ms`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
