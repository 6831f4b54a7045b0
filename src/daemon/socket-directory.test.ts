import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeSocketDirectory } from './socket-directory.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-sockets-'))
afterAll(() => rmSync(folder, { recursive: true }))

function directory(name: string, mode: number): string {
  const path = join(folder, name)
  mkdirSync(path)
  chmodSync(path, mode)
  return path
}
const make = (path: string): void => makeSocketDirectory({ transport: 'unix', path })

test('the last directory is made, and one of our own is as it should be', () => {
  make(join(folder, 'new', 's.sock'))
  expect(existsSync(join(folder, 'new'))).toBe(true)
  make(join(directory('own', 0o750), 's.sock'))
  make(join(directory('group', 0o770), 's.sock'))
  make(join(directory('sticky', 0o1777), 'new', 's.sock'))
})

test('where everybody could put a socket of that name, and answer in our place, there is none', () => {
  symlinkSync(directory('open', 0o777), join(folder, 'link'))
  directory('shared', 0o1777)
  directory('open/inside', 0o755)
  for (const name of ['open', 'link', 'shared', 'open/inside', 'link/inside'])
    expect(() => make(join(folder, name, 's.sock')), name).toThrow(
      expect.objectContaining({ kind: 'config', message: expect.stringContaining('writable by everybody') }),
    )
})

test('a socket that is open already, and a port, are not asked', () => {
  makeSocketDirectory({ transport: 'unix', path: join(folder, 'shared', 's.sock'), fd: 3 })
  makeSocketDirectory({ transport: 'tcp', address: '127.0.0.1' as never, port: 1 })
})
