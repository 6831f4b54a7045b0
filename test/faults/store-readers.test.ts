// A mail server's own SQLite, in another process, reads the store at every moment of its life.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { StoreProcess } from './store-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-readers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const READER = `
  const { DatabaseSync } = require('node:sqlite')
  const [path, address] = process.argv.slice(1)
  const db = new DatabaseSync(path, { readOnly: true })
  const row = db.prepare("SELECT 'OK' AS answer FROM relay WHERE address = ? AND expiry >= CAST(strftime('%s','now') AS INTEGER)").get(address)
  console.log(row ? row.answer : 'none')
`
/** What a process that may only read finds for an address. */
async function lookUp(path: string, address: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', READER, path, address])
  return stdout.trim()
}

test('a reader finds what was acknowledged: beside the daemon, after kill -9, and after a clean close', async () => {
  const path = join(folder, 'drac.db')
  const first = new StoreProcess({ path })
  try {
    await first.event('open')
    expect(await first.put('192.0.2.1')).toBe(true)
    expect(await lookUp(path, '192.0.2.1')).toBe('OK')
    expect(await lookUp(path, '192.0.2.2')).toBe('none')
    expect(await first.put('192.0.2.2')).toBe(true)
    expect(await lookUp(path, '192.0.2.2')).toBe('OK')
  } finally {
    await first.kill()
  }
  expect(await lookUp(path, '192.0.2.2')).toBe('OK')

  const second = new StoreProcess({ path })
  try {
    expect((await second.event('open')).health).toEqual({ state: 'up' })
    expect(await second.get('192.0.2.1')).toBe(true)
    expect(await second.put('192.0.2.3')).toBe(true)
    await second.close()
  } finally {
    await second.kill()
  }
  expect(await lookUp(path, '192.0.2.3')).toBe('OK')
  expect(await lookUp(path, '192.0.2.4')).toBe('none')
})

test('a second daemon on the same file is refused, and welcome after the first was killed', async () => {
  const path = join(folder, 'second', 'drac.db')
  const first = new StoreProcess({ path })
  const second = new StoreProcess({ path: join(folder, 'elsewhere', 'drac.db') })
  try {
    await first.event('open')
    await second.event('open')
    const late = new StoreProcess({ path })
    expect(await late.event('refused')).toMatchObject({
      code: 'DRAC_STORE_LOCKED',
      message: expect.stringContaining(path),
    })
    await late.kill()
    expect(await first.put('192.0.2.1')).toBe(true)
    await first.kill()
    const next = new StoreProcess({ path })
    try {
      expect((await next.event('open')).health).toEqual({ state: 'up' })
      expect(await next.get('192.0.2.1')).toBe(true)
    } finally {
      await next.kill()
    }
  } finally {
    await first.kill()
    await second.kill()
  }
})
