import { chmod, chown, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkPlace, isStill, removeLeftovers, replaceFile } from './write-file.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drac-map-'))
  path = join(folder, 'dracd.db')
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const bytes = (text: string): Buffer => Buffer.from(text)

test('the file has mode 0640 whatever the umask, and nothing is left beside it', async () => {
  const before = process.umask(0o077)
  try {
    await replaceFile(path, bytes('one'))
  } finally {
    process.umask(before)
  }
  await replaceFile(path, bytes('two'))
  expect(await readFile(path, 'utf8')).toBe('two')
  expect((await stat(path)).mode & 0o7777).toBe(0o640)
  expect(await readdir(folder)).toEqual(['dracd.db'])
})

test('a sendmail session that has the old file open sees a newer time on it and opens the new one', async () => {
  await replaceFile(path, bytes('one'))
  const session = await open(path, 'r')
  const opened = await session.stat()
  await replaceFile(path, bytes('two'))
  const later = await session.stat()
  expect(later.ino).toBe(opened.ino)
  expect(Math.floor(later.mtimeMs / 1000)).toBeGreaterThan(Math.floor(opened.mtimeMs / 1000))
  expect((await stat(path)).mtimeMs).toBeLessThan(later.mtimeMs)
  await session.close()
})

test('no two files have the same second: OpenSMTPD would take the second for the first', async () => {
  const seconds: number[] = []
  for (const text of ['login', 'revocation', 'login again']) {
    await replaceFile(path, bytes(text))
    seconds.push(Math.floor((await stat(path)).mtimeMs / 1000))
  }
  expect(new Set(seconds).size).toBe(3)
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b))
})

test('the group of the old file is kept', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root to give a file to another group')
  await writeFile(path, 'one')
  await chown(path, 0, 12_345)
  await replaceFile(path, bytes('two'))
  const { gid, mode } = await stat(path)
  expect([gid, mode & 0o7777]).toEqual([12_345, 0o640])
})

describe('places where no map may be', () => {
  const refused = (code: string, text: RegExp) =>
    expect.objectContaining({ kind: 'config', code, message: expect.stringMatching(text) })

  test.each([0o775, 0o757, 0o777, 0o1777])('a directory of mode %o', async (mode) => {
    await chmod(folder, mode)
    const error = refused('DRAC_MAP_DIRECTORY', new RegExp(`${path}.*${mode.toString(8)}.*chmod go-w ${folder}`))
    await expect(checkPlace(path)).rejects.toThrow(error)
    await expect(replaceFile(path, bytes('x'))).rejects.toThrow(error)
    expect(await readdir(folder)).toEqual([])
  })

  test('no directory', async () => {
    await expect(checkPlace(join(folder, 'none', 'dracd.db'))).rejects.toThrow(
      refused('DRAC_MAP_DIRECTORY', /no directory/),
    )
  })

  test('a symbolic link is neither followed nor replaced', async () => {
    const target = join(folder, 'passwd')
    await writeFile(target, 'root')
    await symlink(target, path)
    await expect(replaceFile(path, bytes('x'))).rejects.toThrow(refused('DRAC_MAP_FILE', /symbolic link/))
    expect(await readFile(target, 'utf8')).toBe('root')
  })

  test('a directory of that name', async () => {
    await mkdir(path)
    await expect(replaceFile(path, bytes('x'))).rejects.toThrow(refused('DRAC_MAP_FILE', /not a regular file/))
  })
})

test('leftovers of a killed daemon are removed, other files are not', async () => {
  await replaceFile(path, bytes('one'))
  const others = ['.dracd.db.tmp', '.other.db.0123456789abcdef.tmp', '.dracd.db.0123456789abcdef', 'dracd.db.bak']
  for (const name of [...others, '.dracd.db.0123456789abcdef.tmp']) await writeFile(join(folder, name), '')
  await removeLeftovers(path)
  expect((await readdir(folder)).sort()).toEqual([...others, 'dracd.db'].sort())
})

test('a file that somebody else wrote is noticed', async () => {
  const written = await replaceFile(path, bytes('one'))
  expect(await isStill(path, written)).toBe(true)
  await writeFile(path, 'two')
  expect(await isStill(path, written)).toBe(false)
  const again = await replaceFile(path, bytes('one'))
  expect(await isStill(path, again)).toBe(true)
  await rm(path)
  expect(await isStill(path, again)).toBe(false)
})
