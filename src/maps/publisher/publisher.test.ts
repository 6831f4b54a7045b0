import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Authorization } from '../../core/authorization.ts'
import { type Change, changes } from '../../core/changes.ts'
import { tempfail } from '../../lib/errors.ts'
import { parseRelayKey, type RelayKey } from '../../lib/prefix.ts'
import { BtreeReader } from '../../protocols/berkeley-db/btree-reader.ts'
import type { MapConfig } from './map-config.ts'
import { type MapEvent, mapEvents } from './map-events.ts'
import { PACE } from './pace.ts'
import { type ListLive, MapPublisher, type PublisherOptions } from './publisher.ts'

let folder: string
let path: string
let now: number
/** What may relay, as the relay table would have it, and how often it was listed. */
let table: Map<string, Authorization>
let listings: number
const publishers: MapPublisher[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drac-publisher-'))
  path = join(folder, 'dracd.db')
  now = 1_900_000_000
  table = new Map()
  listings = 0
})
afterEach(async () => {
  await chmod(folder, 0o700).catch(() => {})
  await Promise.allSettled(publishers.splice(0).map((publisher) => publisher.close()))
  await rm(folder, { recursive: true, force: true })
})

const QUICK = { ...PACE, changes: 5, expiries: 5, retry: 20, retryAtMost: 50, glance: 20 }

function* listLive(at: number): Generator<Authorization> {
  listings++
  // A copy: one consistent state, as the store promises.
  for (const authorization of [...table.values()]) if (authorization.expiresAt >= at) yield authorization
}
const config = (more: Partial<MapConfig> = {}): MapConfig => ({
  path,
  format: 'btree',
  key: 'address',
  value: 'expiry',
  nul: false,
  ...more,
})
function publisher(
  more: Partial<MapConfig> = {},
  options: PublisherOptions = {},
  list: ListLive = listLive,
): MapPublisher {
  const made = new MapPublisher(config(more), list, () => now, { pace: QUICK, ...options })
  publishers.push(made)
  return made
}
function put(address: string, expiresAt = now + 1800, type: 'added' | 'renewed' = 'added'): void {
  const key = parseRelayKey(address)
  const authorization = { key, expiresAt, firstSeen: now, lastSeen: now, source: 'test' }
  table.set(key, authorization)
  changes.publish({ type, authorization } satisfies Change)
}
function revoke(address: string): void {
  const authorization = table.get(address)!
  table.delete(address)
  changes.publish({ type: 'revoked', authorization, by: 'test' } satisfies Change)
}
const read = async (file = path): Promise<Record<string, string>> =>
  Object.fromEntries(new BtreeReader(await readFile(file)).entries())
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 20_000, interval: 5 })
/** Until the file holds exactly these addresses (IPv4). */
const untilHolds = (...addresses: string[]): Promise<void> =>
  eventually(async () => expect(Object.keys(await read()).sort()).toEqual([...addresses].sort()))
const untilSettled = (made: MapPublisher): Promise<void> =>
  eventually(() => expect([made.status().lag, made.status().writtenAt === undefined]).toEqual([0, false]))

describe('following the table', () => {
  test('what is there at the start, what comes, what is renewed and what is revoked', async () => {
    put('192.0.2.1')
    await publisher().start()
    await untilHolds('192.0.2.1')
    put('192.0.2.2')
    await untilHolds('192.0.2.1', '192.0.2.2')
    put('192.0.2.2', now + 3600, 'renewed')
    await eventually(async () => expect(await read()).toMatchObject({ '192.0.2.2': String(now + 3600) }))
    revoke('192.0.2.1')
    await untilHolds('192.0.2.2')
  })

  test('an IPv6 client has six keys; a network is left out and counted', async () => {
    put('2001:db8::5')
    put('2001:db8:1:2::/64')
    const made = publisher({ value: 'OK' })
    await made.start()
    await eventually(async () => expect(Object.keys(await read())).toHaveLength(6))
    await untilSettled(made)
    expect(made.status()).toMatchObject({ path, format: 'btree', entries: 1, networks: 1, keys: 6, bytes: 8192 })
    expect(made.status()).toMatchObject({ rewrites: 1, failures: 0, writtenAt: now, health: { state: 'up' } })
  })

  test('many changes are one rewrite', async () => {
    const made = publisher({}, { pace: PACE })
    await made.start()
    await untilSettled(made)
    const [began, before] = [performance.now(), made.status().rewrites]
    for (let i = 0; i < 400; i++) {
      put(`192.0.${i >> 8}.${i & 255}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await eventually(async () => expect(Object.keys(await read())).toHaveLength(400))
    const elapsed = performance.now() - began
    expect(made.status().rewrites - before).toBeLessThanOrEqual(Math.ceil(elapsed / PACE.changes) + 1)
  })

  test('a change during a rewrite causes one more', async () => {
    const meanwhile = ['192.0.2.2', '192.0.2.3', '192.0.2.4']
    const made = publisher({}, {}, function* (at: number) {
      yield* listLive(at)
      // What is listed is taken; the file is not written.
      const address = meanwhile.shift()
      if (address) put(address)
    })
    put('192.0.2.1')
    await made.start()
    await untilHolds('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4')
    await untilSettled(made)
    expect([listings, made.status().rewrites]).toEqual([4, 4])
  })

  test.each([
    ['built here', 1_000_000],
    ['built on the worker thread', 0],
  ])('nothing is missed in a storm of changes, %s', async (_, small) => {
    const made = publisher({}, { small })
    await made.start()
    for (let i = 0; i < 3000; i++) {
      put(`10.1.${(i * 7) & 15}.${(i * 31) & 255}`, now + 1000 + i)
      const [first] = table.keys()
      if (i % 3 === 0 && first) revoke(first)
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const wanted = Object.fromEntries(Array.from(table, ([key, { expiresAt }]) => [key, String(expiresAt)]))
    await eventually(async () => expect(await read()).toEqual(wanted))
    await untilSettled(made)
    expect(made.status()).toMatchObject({ entries: table.size, failures: 0 })
  })

  test('a reader never sees half a file, nor leftovers of one', async () => {
    for (let i = 0; i < 2000; i++) put(`10.2.${i >> 8}.${i & 255}`)
    const made = publisher()
    await made.start()
    await untilSettled(made)
    for (let round = 0; made.status().rewrites < 20; round++) {
      put(`10.3.${round >> 8}.${round & 255}`)
      const entries = await read()
      expect(Object.keys(entries).length).toBeGreaterThanOrEqual(2000)
    }
    await untilSettled(made)
    expect(await readdir(folder)).toEqual(['dracd.db'])
  })
})

describe('expiry', () => {
  test('an expired entry leaves the file without a sweep, after the last second that permits', async () => {
    put('192.0.2.1', now + 100)
    put('192.0.2.2', now + 101)
    const made = publisher()
    await made.start()
    await untilHolds('192.0.2.1', '192.0.2.2')
    now += 100
    made.refresh()
    await untilSettled(made)
    await untilHolds('192.0.2.1', '192.0.2.2')
    now += 1
    await untilHolds('192.0.2.2')
    now += 1
    await untilHolds()
    await eventually(() => expect(made.status().entries).toBe(0))
  })

  test('a list that still has what has expired does not bring it into the file', async () => {
    put('192.0.2.1', now - 1)
    put('192.0.2.2')
    await publisher({}, {}, () => table.values()).start()
    await untilHolds('192.0.2.2')
  })

  test('a renewal changes nothing in a map with a fixed value, and the file stays when the renewed expiry comes', async () => {
    const other = join(folder, 'expiry.db')
    put('192.0.2.1', now + 100)
    const [fixed, expiry] = [publisher({ value: 'OK' }), publisher({ path: other })]
    await fixed.start()
    await expiry.start()
    await untilSettled(fixed)
    await untilSettled(expiry)
    const before = fixed.status().rewrites
    put('192.0.2.1', now + 200, 'renewed')
    await eventually(async () => expect(await read(other)).toEqual({ '192.0.2.1': String(now + 200) }))
    expect(fixed.status()).toMatchObject({ rewrites: before, lag: 0 })
    expect(listings).toBe(3)
    now += 101
    await eventually(() => expect(listings).toBe(4))
    expect(await read()).toEqual({ '192.0.2.1': 'OK' })
    now += 100
    await untilHolds()
    // The one that took it out, and none when the expiry came that had been renewed.
    await eventually(() => expect(fixed.status().entries).toBe(0))
    expect(fixed.status().rewrites).toBe(before + 1)
  })

  test('after a step back of the clock the table is listed again', async () => {
    put('192.0.2.1', now + 100)
    const made = publisher()
    await made.start()
    await untilHolds('192.0.2.1')
    await untilSettled(made)
    now += 99
    made.refresh()
    await untilSettled(made)
    table.set('192.0.2.1', { ...table.get('192.0.2.1')!, expiresAt: now - 5000 + 1 })
    now -= 5000
    await eventually(async () => expect(await read()).toEqual({ '192.0.2.1': String(now + 1) }))
  })
})

describe('trouble', () => {
  const events: MapEvent[] = []
  const listen = (message: unknown): void => void events.push(message as MapEvent)
  beforeEach(() => mapEvents.subscribe(listen))
  afterEach(() => {
    mapEvents.unsubscribe(listen)
    events.length = 0
  })

  test('the directory goes away and comes back', async () => {
    const home = join(folder, 'mail')
    await mkdir(home, { mode: 0o755 })
    path = join(home, 'dracd.db')
    const made = publisher()
    await made.start()
    await untilSettled(made)
    await rm(home, { recursive: true })
    put('192.0.2.1')
    await eventually(() => expect(made.status().failures).toBeGreaterThanOrEqual(3))
    expect(made.health()).toMatchObject({ state: 'down', since: now, reason: expect.stringContaining(home) })
    expect(made.status().lag).toBeGreaterThan(0)
    await mkdir(home, { mode: 0o755 })
    await untilHolds('192.0.2.1')
    await untilSettled(made)
    expect(made.health()).toEqual({ state: 'up' })
    expect(events).toEqual([
      { type: 'failed', path, what: 'file', reason: expect.stringContaining(home) },
      { type: 'recovered', path, what: 'file' },
    ])
  })

  test('the store is down when an entry expires: tried again until it is up', async () => {
    let down = false
    put('192.0.2.1', now + 10)
    const made = publisher({}, {}, (at) => {
      if (down) throw tempfail('DRAC_STORE_DOWN', 'the disk is full')
      return listLive(at)
    })
    await made.start()
    await untilHolds('192.0.2.1')
    down = true
    now += 60
    await eventually(() => expect(made.health()).toMatchObject({ state: 'down', reason: 'the disk is full' }))
    expect(made.status().lag).toBeGreaterThanOrEqual(49)
    down = false
    await untilHolds()
    await eventually(() => expect(made.health()).toEqual({ state: 'up' }))
  })

  test('a directory that others may write to is refused at the start', async () => {
    await chmod(folder, 0o777)
    await expect(publisher().start()).rejects.toThrow(
      expect.objectContaining({ kind: 'config', code: 'DRAC_MAP_DIRECTORY' }),
    )
    await expect(publisher({ path: 'dracd.db' }).start()).rejects.toThrow(expect.objectContaining({ kind: 'config' }))
  })

  test('leftovers of a killed daemon are gone after the start', async () => {
    await writeFile(join(folder, '.dracd.db.0123456789abcdef.tmp'), 'half')
    const made = publisher()
    await made.start()
    await untilSettled(made)
    expect(await readdir(folder)).toEqual(['dracd.db'])
  })

  test('a file that was removed is made again with the next change, even one that changes nothing', async () => {
    put('192.0.2.1')
    const made = publisher({ value: 'OK' })
    await made.start()
    await untilSettled(made)
    await rm(path)
    made.refresh()
    await untilHolds('192.0.2.1')
  })
})

describe('networks', () => {
  test('stand in a text of networks, and are counted with the entries', async () => {
    put('192.0.2.1')
    put('2001:db8:1:2::/64')
    const made = publisher({ format: 'text', key: 'cidr', value: 'OK' })
    await made.start()
    await untilSettled(made)
    expect(made.status()).toMatchObject({ entries: 2, networks: 0, keys: 2, format: 'text' })
    const lines = (await readFile(path, 'utf8')).split('\n').slice(1)
    expect(lines.sort()).toEqual(['', '192.0.2.1/32\tOK', '2001:db8:1:2::/64\tOK'])
  })
})

describe('the command', () => {
  const events: MapEvent[] = []
  const listen = (message: unknown): void => void events.push(message as MapEvent)
  beforeEach(() => mapEvents.subscribe(listen))
  afterEach(() => {
    mapEvents.unsubscribe(listen)
    events.length = 0
  })
  const text = (more: Partial<MapConfig>, options: PublisherOptions = {}): MapPublisher =>
    publisher({ format: 'text', value: 'OK', ...more }, options)
  /** What the command made, without the comment at the head. */
  const madeOf = async (): Promise<string> =>
    (await readFile(`${path}.made`, 'utf8').catch(() => 'nothing')).split('\n').slice(1).join(' ').trim()
  const COPY = 'cp "$DRAC_MAP" "$DRAC_MAP.made"'

  test('runs after each replacement, and after that with the empty map at the stop', async () => {
    put('192.0.2.1')
    const made = text({ command: COPY })
    await made.start()
    await eventually(async () => expect(await madeOf()).toBe('192.0.2.1\tOK'))
    put('192.0.2.2')
    await eventually(async () => expect(await madeOf()).toBe('192.0.2.1\tOK 192.0.2.2\tOK'))
    await untilSettled(made)
    expect(made.status().command).toMatchObject({ runs: 2, failures: 0, health: { state: 'up' } })
    await made.close()
    expect(await madeOf()).toBe('')
    expect(made.status()).toMatchObject({ lag: 0, command: { runs: 3 } })
    expect(events).toEqual([])
  })

  test('never two at once; replacements meanwhile are one more run', async () => {
    const made = text({
      command: `mkdir ${folder}/lock || exit 9; while [ ! -e ${folder}/go ]; do sleep 0.01; done; rmdir ${folder}/lock; ${COPY}`,
    })
    await made.start()
    await eventually(async () => expect(await readdir(folder)).toContain('lock'))
    for (let i = 1; i <= 5; i++) {
      put(`192.0.2.${i}`)
      await eventually(() => expect(made.status().entries).toBe(i))
    }
    expect(made.status().rewrites).toBe(6)
    expect(made.status().lag).toBeGreaterThan(0)
    await writeFile(join(folder, 'go'), '')
    await untilSettled(made)
    expect(made.status().command).toMatchObject({ runs: 2, failures: 0 })
    expect((await madeOf()).split(' ')).toHaveLength(5)
  })

  test('a failure shows, is said once, and is tried again until it is over', async () => {
    const made = text({ command: `[ -e ${folder}/well ] && ${COPY} || { echo "no room" >&2; exit 4; }` })
    await made.start()
    await eventually(() => expect(made.status().command?.failures).toBeGreaterThanOrEqual(3))
    const down = { state: 'down', since: now, reason: 'its command failed: exit code 4: no room' }
    expect(made.status()).toMatchObject({ failures: 0, health: down, command: { health: down } })
    expect(made.status().lag).toBeGreaterThan(0)
    await writeFile(join(folder, 'well'), '')
    await untilSettled(made)
    expect(made.health()).toEqual({ state: 'up' })
    expect(events).toEqual([
      { type: 'failed', path, what: 'command', reason: down.reason },
      { type: 'recovered', path, what: 'command' },
    ])
  })

  test('one that hangs is killed at its limit, and the file goes on following the table', async () => {
    const made = text({ command: 'sleep 600' }, { commandLimits: { run: 200, stop: 100 } })
    await made.start()
    await eventually(() => expect(made.status().command?.failures).toBeGreaterThanOrEqual(1))
    expect(made.health()).toMatchObject({ reason: expect.stringContaining('still running after 0.2 s') })
    put('192.0.2.1')
    await eventually(() => expect(made.status().entries).toBe(1))
    await expect(made.close()).rejects.toThrow(expect.objectContaining({ kind: 'tempfail', code: 'DRAC_MAP_COMMAND' }))
    expect(await readFile(path, 'utf8')).not.toContain('192.0.2.1')
  })

  test('a stop while it runs ends it, and runs it on the empty map', async () => {
    const made = text(
      { command: `grep -q 192 "$DRAC_MAP" && exec sleep 600; ${COPY}` },
      { commandLimits: { run: 600_000, stop: 5000 } },
    )
    put('192.0.2.1')
    await made.start()
    await eventually(() => expect(made.status().entries).toBe(1))
    await made.close()
    expect(await madeOf()).toBe('')
  })

  test('a publisher that never started empties a map that a crash left, and runs it', async () => {
    await writeFile(path, '192.0.2.1\tOK\n')
    await text({ command: COPY }).close()
    expect([await madeOf(), await readFile(path, 'utf8')]).toEqual(['', expect.stringMatching(/^#.*\n$/)])
  })
})

describe('emptying', () => {
  test('a clean stop leaves an empty map, which no later change fills', async () => {
    put('192.0.2.1')
    const made = publisher()
    await made.start()
    await untilHolds('192.0.2.1')
    await Promise.all([made.close(), made.close()])
    expect(await read()).toEqual({})
    expect([(await stat(path)).size, (await stat(path)).mode & 0o777]).toEqual([8192, 0o640])
    const before = listings
    put('192.0.2.2')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([listings, await read()]).toEqual([before, {}])
  })

  test.each([
    ['listing', 1_000_000],
    ['listing for the worker thread', 0],
  ])('a stop in the middle of %s gives the rewrite up', async (_, small) => {
    let returned = false
    let taken = 0
    const made = publisher({}, { small }, function* () {
      try {
        for (;;) {
          taken++
          yield {
            key: `10.${taken >>> 16}.${(taken >>> 8) & 255}.${taken & 255}` as RelayKey,
            expiresAt: now + 1,
            firstSeen: 0,
            lastSeen: 0,
            source: '',
          }
        }
      } finally {
        returned = true
      }
    })
    await made.start()
    await eventually(() => expect(taken).toBeGreaterThan(1000))
    await made.close()
    expect([returned, await read()]).toEqual([true, {}])
    expect(await readdir(folder)).toEqual(['dracd.db'])
  })

  test('a stop that cannot empty the map says so', async () => {
    const made = publisher()
    await made.start()
    await untilSettled(made)
    await rm(folder, { recursive: true })
    put('192.0.2.1')
    await expect(made.close()).rejects.toThrow(/no directory/)
  })

  test('-i empties the map before the start, whatever is in it', async () => {
    await writeFile(path, 'anything')
    const made = publisher()
    await made.empty()
    expect(await read()).toEqual({})
    put('192.0.2.1')
    await made.start()
    await untilHolds('192.0.2.1')
  })
})
