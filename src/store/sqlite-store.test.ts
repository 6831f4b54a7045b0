import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import type { Put, StoreHealth } from '../core/authorization-store.ts'
import { parseRelayKey, type RelayKey } from '../lib/prefix.ts'
import { rowsOf, session, storeContract } from './contract.ts'
import { MAX_LOGINS } from './login-table.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextPath = (): string => join(folder, `${++files}`, 'drac.db')

storeContract('sqlite', (maxEntries) => new SqliteStore({ path: nextPath(), maxEntries }))

const NOW = 1_790_000_000
const A = parseRelayKey('192.0.2.25')
const B = parseRelayKey('192.0.2.26')
const put = (key: RelayKey, more: Partial<Put> = {}): Put => ({
  key,
  expiresAt: NOW + 1800,
  now: NOW,
  source: 'drac-rpc 127.0.0.1',
  ...more,
})
const opened: SqliteStore[] = []
function open(options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const store = new SqliteStore({ path: nextPath(), watchInterval: 20, ...options })
  opened.push(store)
  return store
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 })

describe('the file', () => {
  test('keeps everything from one daemon to the next', async () => {
    const path = nextPath()
    const network = parseRelayKey('2001:db8::/64')
    const first = open({ path })
    await first.put(put(A, { user: 'ann', note: 'by phone' }))
    await first.put(put(network))
    const [before, logins] = [[...first.list({})], first.logins(A)]
    await first.close()
    const second = open({ path })
    expect([...second.list({})]).toEqual(before)
    expect(second.logins(A)).toEqual(logins)
    expect([second.count(), second.widths(6)]).toEqual([2, [64]])
    expect((await second.put(put(A))).status).toBe('renewed')
  })

  test('keeps sessions and revocations, also as they are after the clock was set back', async () => {
    const path = nextPath()
    const first = open({ path })
    await Promise.all([
      first.put(put(A)),
      first.putSession(session('a', { user: 'ann' })),
      first.putSession(session('b', { source: 'whoson', floor: 0 })),
      first.putSession(session('c', { floor: NOW + 60 })),
      first.putRevocation(B, NOW),
    ])
    await first.shift(-100)
    await first.shorten(A, NOW + 60)
    const before = rowsOf(first)
    expect([before.sessions.length, before.revocations]).toEqual([3, [[B, NOW - 100]]])
    await first.close()
    const second = open({ path })
    expect(rowsOf(second)).toEqual(before)
    expect(second.get(A)?.expiresAt).toBe(NOW + 60)
  })

  test('of the first schema is brought up to date, with all that is in it', async () => {
    const path = nextPath()
    mkdirSync(dirname(path), { mode: 0o750 })
    const old = new DatabaseSync(path)
    old.exec(readFileSync('test/vectors/store-schema-1.sql', 'utf8'))
    old.close()
    const store = open({ path })
    expect(store.health()).toEqual({ state: 'up' })
    expect([...store.list({})]).toEqual([
      { key: A, expiresAt: NOW + 1800, firstSeen: NOW, lastSeen: NOW + 60, source: 'drac-rpc 127.0.0.1' },
      { key: '2001:db8::/64', expiresAt: NOW + 900, firstSeen: NOW, lastSeen: NOW, source: 'permit by root' },
    ])
    expect(store.logins(A)).toEqual([
      { user: 'ann', source: 'drac-rpc 127.0.0.1', lastSeen: NOW + 60, note: 'by phone' },
    ])
    expect([store.count(), store.widths(6), rowsOf(store)]).toEqual([2, [64], { sessions: [], revocations: [] }])
    await store.putSession(session('a'))
    await store.putRevocation(B, NOW)
    expect((await store.put(put(A))).status).toBe('renewed')
    await store.close()
    using after = new DatabaseSync(path, { readOnly: true })
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: SCHEMA_VERSION })
    expect(rowsOf(open({ path })).sessions).toEqual([session('a')])
  })

  test('a mail server finds an address through the primary key, in a view that compares nothing for it', async () => {
    const path = nextPath()
    const store = open({ path })
    await store.put(put(A, { expiresAt: NOW * 2 }))
    await store.put(put(B, { expiresAt: 1 }))
    using reader = new DatabaseSync(path, { readOnly: true })
    const query = (address: string): string =>
      `SELECT 'OK' AS answer FROM relay WHERE address='${address}' AND expiry >= CAST(strftime('%s','now') AS INTEGER)`
    expect(reader.prepare(query(A)).all()).toEqual([expect.objectContaining({ answer: 'OK' })])
    expect(reader.prepare(query(B)).all()).toEqual([])
    const plan = reader.prepare(`EXPLAIN QUERY PLAN ${query(A)}`).all() as { detail: string }[]
    expect(plan.map((step) => step.detail)).toEqual(['SEARCH authorization USING PRIMARY KEY (address=?)'])
  })

  test('after a clean close it is one file, which a reader that may not write can open', async () => {
    const path = nextPath()
    const store = open({ path })
    await store.put(put(A))
    await store.close()
    expect(readdirSync(dirname(path)).toSorted()).toEqual(['drac.db', 'drac.db.lock'])
    using reader = new DatabaseSync(path, { readOnly: true })
    expect(reader.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'delete' })
    expect(reader.prepare('SELECT address FROM relay').get()).toMatchObject({ address: A })
  })

  test('is readable by its group alone, in a directory made for it', () => {
    const path = nextPath()
    const mask = process.umask()
    open({ path })
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o640)
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o750 & ~mask)
  })

  test.each(['directory', 'file'])('a %s that everybody may write to is refused, with the cure', async (which) => {
    const path = nextPath()
    await open({ path }).close()
    const target = which === 'file' ? path : dirname(path)
    chmodSync(target, 0o777)
    const refused = {
      kind: 'config',
      code: 'DRAC_STORE_WORLD_WRITABLE',
      message: expect.stringContaining(`chmod o-w ${target}`),
    }
    expect(() => open({ path })).toThrow(expect.objectContaining(refused))
  })

  test('one that a newer drac wrote is refused and left alone', async () => {
    const path = nextPath()
    await open({ path }).close()
    const change = new DatabaseSync(path)
    change.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`)
    change.close()
    const refused = { kind: 'config', code: 'DRAC_STORE_NEWER', message: expect.stringContaining('newer drac') }
    expect(() => open({ path })).toThrow(expect.objectContaining(refused))
  })

  test('a database of another program is refused and left alone', () => {
    const path = nextPath()
    mkdirSync(dirname(path))
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE photos (name TEXT)')
    other.close()
    expect(() => open({ path })).toThrow(expect.objectContaining({ kind: 'config', code: 'DRAC_STORE_FOREIGN' }))
    using after = new DatabaseSync(path, { readOnly: true })
    expect(after.prepare('SELECT name FROM sqlite_schema').all()).toHaveLength(1)
  })

  test('a second store on it is refused until the first has closed', async () => {
    const path = nextPath()
    const first = open({ path })
    const refused = { kind: 'config', code: 'DRAC_STORE_LOCKED', message: expect.stringContaining('another dracd') }
    expect(() => open({ path })).toThrow(expect.objectContaining(refused))
    await first.put(put(A))
    await first.close()
    expect(open({ path }).get(A)).toBeDefined()
  })
})

describe('limits', () => {
  test('one address remembers its latest users only', async () => {
    const store = open()
    const users = Array.from({ length: MAX_LOGINS + 50 }, (_, i) => `user${i}`)
    await Promise.all(users.map((user, i) => store.put(put(A, { user, now: NOW + i }))))
    const kept = store.logins(A).map((login) => login.user)
    expect(kept.toSorted()).toEqual(users.slice(50).toSorted())
  })

  test('the WAL starts over again and again, however long the load lasts', async () => {
    const path = nextPath()
    const store = open({ path })
    for (let round = 0; round < 200; round++) {
      const keys = Array.from({ length: 256 }, (_, i) => parseRelayKey(`10.${round & 7}.${i}.${(round * 7) & 255}`))
      await Promise.all(keys.map((key) => store.put(put(key, { now: NOW + round }))))
    }
    // https://sqlite.org/fileformat2.html section 4.1: bytes 12 to 15 count how often the WAL began anew.
    const restarts = (): number => readFileSync(`${path}-wal`).readUInt32BE(12)
    await eventually(() => expect(restarts()).toBeGreaterThanOrEqual(1))
    expect(store.count()).toBe(200 * 256)
  })

  test('a time that is no whole number is the fault of one caller, not of the store', async () => {
    const store = open()
    const bad = store.put(put(A, { expiresAt: 1.5 }))
    const good = store.put(put(B))
    await expect(bad).rejects.toMatchObject({ kind: 'malformed' })
    expect((await good).status).toBe('added')
    expect(store.health()).toEqual({ state: 'up' })
  })
})

describe('the disk', () => {
  test('answers come after the sync, and look-ups go on while a slow disk takes its time', async () => {
    const waiting: (() => void)[] = []
    let slow = false
    let held = false
    const store = open({
      disk: {
        fdatasyncSync: () => {
          const end = performance.now() + (slow ? 5 : 0)
          while (performance.now() < end);
        },
        fdatasync: (_fd, done) => (held ? waiting.push(() => done(null)) : setImmediate(done, null)),
      },
    })
    await store.put(put(A))
    slow = true
    await store.put(put(A))
    held = true
    let answered = 0
    const puts = [1, 2, 3].map((i) => store.put(put(B, { expiresAt: NOW + i })).then(() => answered++))
    await eventually(() => expect(waiting).toHaveLength(1))
    const later = store.put(put(parseRelayKey('192.0.2.27'))).then(() => answered++)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answered).toBe(0)
    expect(store.get(A)).toBeDefined()
    // What came meanwhile waits for a sync of its own.
    waiting.shift()!()
    await Promise.all(puts)
    expect(answered).toBe(3)
    await eventually(() => expect(waiting).toHaveLength(1))
    waiting.shift()!()
    await later
  })

  test('a failed sync takes the store down before anybody is answered; it comes up with the disk', async () => {
    let broken = false
    const error = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
    const fdatasyncSync = (): void => {
      if (broken) throw error
    }
    const fdatasync = (_fd: number, done: (error: Error | null) => void): void => {
      setImmediate(() => done(broken ? error : null))
    }
    const changes: StoreHealth[] = []
    const store = open({
      disk: { fdatasyncSync, fdatasync },
      onHealth: (health) => changes.push(health),
      clock: () => 77,
    })
    await store.put(put(A))
    broken = true
    const down = { kind: 'tempfail', code: 'DRAC_STORE_DOWN', message: expect.stringContaining('kernel log') }
    await expect(Promise.all([store.put(put(B)), store.put(put(A))])).rejects.toMatchObject(down)
    expect(store.health()).toMatchObject({ state: 'down', since: 77 })
    expect(() => store.get(A)).toThrow(expect.objectContaining(down))
    expect(() => store.widths(4)).toThrow(expect.objectContaining(down))
    expect(() => [...store.list({})]).toThrow(expect.objectContaining(down))
    expect(() => store.count()).toThrow(expect.objectContaining(down))
    await expect(store.shift(1)).rejects.toMatchObject(down)
    broken = false
    await eventually(() => expect(store.health()).toEqual({ state: 'up' }))
    expect(store.get(A)).toBeDefined()
    expect((await store.put(put(B))).status).toMatch(/added|renewed/)
    expect(changes.map((health) => health.state)).toEqual(['down', 'up'])
  })

  test('another program that keeps the file locked for a moment only delays', async () => {
    const path = nextPath()
    const store = open({ path })
    const other = new DatabaseSync(path)
    other.exec("BEGIN IMMEDIATE; INSERT OR REPLACE INTO state VALUES ('x', 1)")
    const waiting = store.put(put(A))
    await new Promise((resolve) => setTimeout(resolve, 100))
    other.exec('COMMIT')
    other.close()
    expect((await waiting).status).toBe('added')
    expect(store.health()).toEqual({ state: 'up' })
  })

  test('closing answers what was asked before', async () => {
    const path = nextPath()
    const store = open({ path })
    const puts = Array.from({ length: 40 }, (_, i) => store.put(put(parseRelayKey(`192.0.2.${i}`))))
    await Promise.all([store.close(), ...puts])
    expect(open({ path }).count()).toBe(40)
  })

  test('a list that is under way when the store closes ends with tempfail', async () => {
    const path = nextPath()
    const store = open({ path })
    await Promise.all([store.put(put(A)), store.put(put(B))])
    const list = store.list({})
    list.next()
    await store.close()
    expect(() => list.next()).toThrow(expect.objectContaining({ kind: 'tempfail' }))
    expect(existsSync(`${path}-wal`)).toBe(false)
  })
})
