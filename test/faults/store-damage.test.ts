// The file goes, or goes bad, under a running store: down with a line that says so, never a permit, nothing deleted; up
// again when the cause is gone.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { Put, StoreHealth } from '../../src/core/authorization-store.ts'
import { addressFromUint32 } from '../../src/lib/address.ts'
import { parseRelayKey } from '../../src/lib/prefix.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import { StoreProcess } from './store-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-damage-'))
// A child without our privileges must get in.
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const A = parseRelayKey('192.0.2.1')
const now = (): number => Math.floor(Date.now() / 1000)
const put = (key = A): Put => ({ key, expiresAt: now() + 1800, now: now(), source: 'drac-rpc 127.0.0.1' })
const GARBAGE = Buffer.from('This is not a database. '.repeat(500))

let files = 0
const stores: SqliteStore[] = []
function open(path: string, onHealth: (health: StoreHealth) => void = () => {}): SqliteStore {
  const store = new SqliteStore({ path, watchInterval: 20, onHealth })
  stores.push(store)
  return store
}
const nextPath = (): string => join(folder, `${++files}`, 'drac.db')
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})

const waitFor = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 10 })
const isDown = (store: SqliteStore, reason: RegExp): Promise<void> =>
  waitFor(() => expect(store.health()).toMatchObject({ state: 'down', reason: expect.stringMatching(reason) }))
const isUp = (store: SqliteStore): Promise<void> => waitFor(() => expect(store.health()).toEqual({ state: 'up' }))
async function answersNothing(store: SqliteStore): Promise<void> {
  expect(() => store.get(A)).toThrow(expect.objectContaining({ kind: 'tempfail', code: 'DRAC_STORE_DOWN' }))
  await expect(store.put(put())).rejects.toMatchObject({ kind: 'tempfail', code: 'DRAC_STORE_DOWN' })
}

/** A store of some pages, all of them in the database file, left as a killed daemon leaves it. */
async function filled(path: string): Promise<void> {
  const store = open(path)
  await fill(store)
  await store.close()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL')
  db.close()
}

async function fill(store: SqliteStore): Promise<void> {
  const keys = Array.from({ length: 2000 }, (_, i) => parseRelayKey(addressFromUint32(0x0a000000 + i)))
  await Promise.all(keys.map((key) => store.put(put(key))))
  await store.put(put())
}

/** By another process: closing a file here would drop the locks that SQLite holds on it for us. */
function shell(script: string, path: string): void {
  execFileSync('sh', ['-ec', script, 'sh', path])
}

const SPOIL = {
  garbage: 'yes "This is not a database." | head -c 50000 > "$1"',
  'a wrong header': 'printf "SQLite format 9" | dd of="$1" conv=notrunc status=none',
  'half its size': 'truncate -s $(( $(wc -c < "$1") / 2 )) "$1"',
  'zeroes at its end':
    'dd if=/dev/zero of="$1" bs=1024 seek=$(( $(wc -c < "$1") / 1024 - 20 )) count=20 conv=notrunc status=none',
} as const
/** A header that is wrong in the file alone does no harm while the WAL has a good one, and the next checkpoint mends it. */
const { 'a wrong header': _, ...SPOIL_RUNNING } = SPOIL

test.each(Object.entries(SPOIL))('a start with a file of %s: down, until it was moved away', async (_what, script) => {
  const path = nextPath()
  await filled(path)
  shell(script, path)
  const { size } = statSync(path)
  const store = open(path)
  await isDown(store, /drac\.db: .+; move it away/)
  await answersNothing(store)
  expect(statSync(path).size).toBe(size)
  renameSync(path, `${path}.bad`)
  await isUp(store)
  expect(store.count()).toBe(0)
  await store.put(put())
  expect(store.get(A)).toBeDefined()
  expect(statSync(`${path}.bad`).size).toBe(size)
})

test.each(Object.entries(SPOIL_RUNNING))(
  'a running store whose file becomes one of %s goes down',
  async (_what, script) => {
    const path = nextPath()
    await filled(path)
    const store = open(path)
    await store.put(put())
    shell(script, path)
    await isDown(store, /drac\.db: .+; move it away/)
    await answersNothing(store)
    renameSync(path, `${path}.bad`)
    await isUp(store)
    await store.put(put())
    expect(store.get(A)).toBeDefined()
  },
)

test('a file that is replaced, or vanishes, under a running store is noticed', async () => {
  const path = nextPath()
  const other = nextPath()
  await filled(other)
  const told: StoreHealth[] = []
  const store = open(path, (health) => told.push(health))
  await store.put(put(parseRelayKey('192.0.2.99')))
  renameSync(path, `${path}.old`)
  await waitFor(() => expect(told.map((health) => health.state)).toEqual(['down', 'up']))
  expect(told[0]).toMatchObject({ reason: expect.stringContaining(`${path} has vanished`) })
  expect(store.count()).toBe(0)
  renameSync(other, path)
  await waitFor(() => expect(told.map((health) => health.state)).toEqual(['down', 'up', 'down', 'up']))
  expect(told[2]).toMatchObject({ reason: expect.stringContaining(`${path} was replaced`) })
  expect(store.count()).toBe(2001)
  expect(store.get(A)).toBeDefined()
})

test('the -wal of a database that was moved away is kept, and not mixed with a new one', async () => {
  const path = nextPath()
  await filled(path)
  renameSync(path, `${path}.moved`)
  writeFileSync(`${path}-wal`, GARBAGE)
  const store = open(path)
  expect(store.count()).toBe(0)
  await store.put(put())
  expect(readFileSync(`${path}-wal.orphan`)).toEqual(GARBAGE)
})

test('a database cut to nothing beside a -wal is damage, not a new store', async () => {
  const path = nextPath()
  await filled(path)
  truncateSync(path)
  writeFileSync(`${path}-wal`, GARBAGE)
  const store = open(path)
  await isDown(store, /cut short; move it away/)
  expect(readFileSync(`${path}-wal`)).toEqual(GARBAGE)
})

// Root may write anywhere; a test run as root gives its child the rights of nobody.
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

test('a file and directory that may not be written: down with the cure, up when they may', async () => {
  const path = nextPath()
  await filled(path)
  const directory = dirname(path)
  const give = (id: number): void => {
    for (const each of [directory, path, `${path}.lock`]) chownSync(each, id, id)
  }
  if (NOBODY.uid !== undefined) give(NOBODY.uid)
  chmodSync(path, 0o440)
  chmodSync(directory, 0o550)
  const child = new StoreProcess({ path, watchInterval: 50 }, NOBODY)
  try {
    const { health } = await child.event('open')
    expect(health).toMatchObject({
      state: 'down',
      reason: expect.stringMatching(/drac\.db: .+; let the user .+ write/),
    })
    expect(await child.get(A)).toBe('DRAC_STORE_DOWN')
    expect(await child.put(A)).toBe(false)
    chmodSync(directory, 0o750)
    chmodSync(path, 0o640)
    await child.event('health', (event) => event.health.state === 'up')
    expect(await child.get(A)).toBe(true)
    expect(await child.put('192.0.2.2')).toBe(true)
    await child.close()
  } finally {
    await child.kill()
  }
})
