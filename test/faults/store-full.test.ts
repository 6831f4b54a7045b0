// No room: logins are refused, nothing that was acknowledged is lost, and with room again it goes on by itself.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { StoreProcess } from './store-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-full-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const WATCH = 50

async function downAndUp(child: StoreProcess, makeRoom: () => void, cure: RegExp): Promise<void> {
  child.send({ type: 'fill' })
  const down = await child.event('health', ({ health }) => health.state === 'down')
  expect(down.health).toMatchObject({ state: 'down', reason: expect.stringMatching(cure) })
  const { count, code } = await child.event('filled')
  expect(code).toBe('DRAC_STORE_DOWN')
  expect(count).toBeGreaterThan(0)
  expect(await child.get('10.0.0.0')).toBe('DRAC_STORE_DOWN')
  makeRoom()
  await child.event('health', ({ health }) => health.state === 'up')
  expect(await child.get('10.0.0.0')).toBe(true)
  expect(await child.put('192.0.2.1')).toBe(true)
}

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
if (!hasPrlimit) console.log('skipped: a file size limit; needs prlimit (util-linux)')

test.skipIf(!hasPrlimit)('a file size limit is met and lifted', async () => {
  const child = new StoreProcess({ path: join(folder, 'limit', 'drac.db'), watchInterval: WATCH })
  const limit = (bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(child.child.pid), `--fsize=${bytes}:`])
  }
  try {
    await child.event('open')
    limit('2000000')
    await downAndUp(child, () => limit('unlimited'), /drac\.db: .+; /)
    await child.close()
  } finally {
    await child.kill()
  }
})

const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0
if (!mayMount) console.log('skipped: a full disk; needs root for a file system of a few megabytes (unshare -m, mount)')

test.skipIf(!mayMount)('a full disk, then room', async () => {
  const mount = join(folder, 'disk')
  mkdirSync(mount)
  // Room is made from out here through /proc, by cutting a file that takes most of the disk.
  const script = `mount -t tmpfs -o size=6m,mode=0755 none ${mount} && head -c 3000000 /dev/zero > ${mount}/filler && exec "$0" "$@"`
  const child = new StoreProcess({ path: join(mount, 'drac.db'), watchInterval: WATCH }, {}, [
    'unshare',
    '-m',
    'sh',
    '-c',
    script,
  ])
  try {
    await child.event('open')
    const filler = join(`/proc/${child.child.pid}/root`, mount, 'filler')
    expect(statSync(filler).size).toBe(3_000_000)
    await downAndUp(child, () => truncateSync(filler), /make room/)
    await child.close()
  } finally {
    await child.kill()
  }
})
