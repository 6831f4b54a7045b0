import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findStart } from './start.ts'

const NOW = Math.floor(Date.UTC(2026, 10, 25, 12) / 1000)
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-start-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const line = (at: number, text = 'mailhost x: y'): string => `${new Date(at * 1000).toISOString()} ${text}\n`

/** The offset, and how often the file was read. */
async function start(text: string, since: number): Promise<{ offset: number; reads: number }> {
  const path = join(folder, 'mail.log')
  writeFileSync(path, text)
  const handle = await open(path)
  let reads = 0
  const counting = {
    read: (...args: Parameters<FileHandle['read']>) => {
      reads++
      return handle.read(...args)
    },
  } as unknown as FileHandle
  try {
    return { offset: await findStart(counting, Buffer.byteLength(text), since, NOW), reads }
  } finally {
    await handle.close()
  }
}

test('the first line that is not older', async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => line(NOW - 200_000 + i))
  const text = lines.join('')
  for (const back of [200_001, 199_999, 1800, 1, 0]) {
    const before = lines.slice(0, Math.max(0, 200_000 - back)).join('').length
    const { offset, reads } = await start(text, NOW - back)
    expect(offset).toBe(before)
    expect(reads).toBeLessThan(60)
  }
})

test('every line is older: the end; none is: the beginning; nothing is there', async () => {
  const text = line(NOW - 7200).repeat(10)
  expect((await start(text, NOW - 1800)).offset).toBe(text.length)
  expect((await start(text, NOW - 9000)).offset).toBe(0)
  expect((await start('', NOW)).offset).toBe(0)
})

test('lines without a time, long ones and a line without end are passed over', async () => {
  const junk = `${'x'.repeat(400_000)}\n${'no time\n'.repeat(50_000)}`
  const old = line(NOW - 7200).repeat(2000)
  const text = `${old}${junk}${line(NOW - 60)}${junk}${line(NOW - 50)}rest`
  const { offset } = await start(text, NOW - 1800)
  expect(offset).toBeLessThanOrEqual(text.indexOf(line(NOW - 60)))
  expect(offset).toBeGreaterThanOrEqual(old.length)
})

test('a file without any time is begun near its end, on a line', async () => {
  const text = 'no time at all\n'.repeat(200_000)
  const { offset } = await start(text, NOW)
  expect(offset).toBeGreaterThan(text.length - 1_100_000)
  expect(offset % 15).toBe(0)
  expect((await start('no time\n', NOW)).offset).toBe(0)
})
