import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkLogFile, safeOpen } from './safe-open.ts'

let folder: string
let log: string
beforeEach(() => {
  // In /tmp, which everybody may write to and nobody may rename in: good enough above the log's own directory.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'drac-safe-')))
  log = join(folder, 'log', 'mail.log')
  mkdirSync(join(folder, 'log'), { mode: 0o755 })
  writeFileSync(log, '', { mode: 0o640 })
})
afterEach(() => rmSync(folder, { recursive: true }))

async function verdict(path = log): Promise<string> {
  const checked = await checkLogFile(path).then(
    () => 'good',
    (error: Error) => error.message,
  )
  const opened = await safeOpen(path).then(
    async ({ handle }) => {
      await handle.close()
      return 'good'
    },
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'good' : error.message),
  )
  expect(opened).toBe(checked)
  return checked
}

test('its owner and group may write to it', async () => {
  chmodSync(log, 0o664)
  expect(await verdict()).toBe('good')
})

test('it may be missing, but not in a directory that everybody may write to', async () => {
  expect(await verdict(join(folder, 'log', 'other.log'))).toBe('good')
  chmodSync(join(folder, 'log'), 0o1777)
  await expect(checkLogFile(join(folder, 'log', 'other.log'))).rejects.toThrow('chmod o-w')
})

test.each([
  ['the file', 'log/mail.log', 0o646],
  ['its directory', 'log', 0o757],
  ['its directory, sticky', 'log', 0o1777],
  ['a directory above it', '', 0o777],
])('everybody may write to %s', async (_, what, mode) => {
  chmodSync(join(folder, what), mode)
  expect(await verdict()).toContain(`run: chmod o-w ${join(folder, what).replace(/\/$/, '')}`)
})

test('a sticky directory above its own will do', async () => {
  chmodSync(folder, 0o1777)
  expect(await verdict()).toBe('good')
})

test('every link on the way to it', async () => {
  const [open, first] = [join(folder, 'open'), join(folder, 'log', 'first.log')]
  mkdirSync(open)
  symlinkSync(join(open, 'second.log'), first)
  symlinkSync('../log/mail.log', join(open, 'second.log'))
  expect(await verdict(first)).toBe('good')
  chmodSync(open, 0o777)
  expect(await verdict(first)).toContain(`${open} is writable by everybody`)
  const alias = join(folder, 'alias')
  symlinkSync(open, alias)
  expect(await verdict(join(alias, 'second.log'))).toContain('is writable by everybody')
})

test('what is no file', async () => {
  expect(await verdict(join(folder, 'log'))).toContain('is not a file')
})
