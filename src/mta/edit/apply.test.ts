import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Syntax } from '../plan.ts'
import { apply } from './apply.ts'

const NOW = new Date(2026, 10, 23, 2, 15, 10)
const says = (state: Syntax['state']) => (): Syntax => ({ state, command: 'checker', output: 'said' })
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-apply-'))
  file = join(folder, 'main.cf')
  writeFileSync(file, 'old\n')
  chmodSync(file, 0o640)
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a file is replaced whole, with a backup; mode and owner stay', () => {
  if (process.getuid?.() === 0) chownSync(file, 1, 2)
  const before = statSync(file)
  const applied = apply([{ path: file, content: 'new\n' }], says('good'), NOW)
  expect(applied).toMatchObject({ status: 'written', files: [{ path: file, backup: `${file}.drac-20261123-021510` }] })
  expect(readFileSync(file, 'utf8')).toBe('new\n')
  expect(readFileSync(`${file}.drac-20261123-021510`, 'utf8')).toBe('old\n')
  for (const path of [file, `${file}.drac-20261123-021510`]) {
    const { mode, uid, gid } = statSync(path)
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid })
  }
  expect(readdirSync(folder)).toHaveLength(2)
})

test('nothing is done, and nothing asked, when everything is there already', () => {
  const applied = apply(
    [{ path: file, content: 'old\n' }],
    () => {
      throw new Error('asked')
    },
    NOW,
  )
  expect(applied).toEqual({ status: 'unchanged' })
  expect(readdirSync(folder)).toEqual(['main.cf'])
})

test.each(['bad', 'unable'] as const)('everything is as it was when the checker is %s', (state) => {
  const other = join(folder, 'drac-sqlite.cf')
  const before = statSync(file).mode
  const seen: string[] = []
  const applied = apply(
    [
      { path: other, content: 'x\n' },
      { path: file, content: 'new\n' },
    ],
    () => {
      seen.push(readFileSync(file, 'utf8'), readFileSync(other, 'utf8'))
      return says(state)()
    },
    NOW,
  )
  expect(applied).toMatchObject({ status: 'rolled-back', syntax: { output: 'said' } })
  expect(seen).toEqual(['new\n', 'x\n'])
  expect(readFileSync(file, 'utf8')).toBe('old\n')
  expect(statSync(file).mode).toBe(before)
  expect(readdirSync(folder)).toEqual(['main.cf'])
})

test('a file that cannot be written takes the others back', () => {
  const elsewhere = join(folder, 'no', 'such', 'folder')
  expect(() =>
    apply(
      [
        { path: file, content: 'new\n' },
        { path: elsewhere, content: 'x' },
      ],
      says('good'),
      NOW,
    ),
  ).toThrow(expect.objectContaining({ code: 'DRAC_WRITE', kind: 'config' }))
  expect(readFileSync(file, 'utf8')).toBe('old\n')
  expect(readdirSync(folder)).toEqual(['main.cf'])
})

test('a backup of the same second is not written over', () => {
  for (const content of ['two\n', 'three\n', 'four\n']) apply([{ path: file, content }], says('good'), NOW)
  const backup = `${file}.drac-20261123-021510`
  expect([backup, `${backup}-2`, `${backup}-3`].map((path) => readFileSync(path, 'utf8'))).toEqual([
    'old\n',
    'two\n',
    'three\n',
  ])
})

test('a symbolic link stays one', () => {
  const link = join(folder, 'link.cf')
  symlinkSync(file, link)
  apply([{ path: link, content: 'new\n' }], says('good'), NOW)
  expect(readFileSync(file, 'utf8')).toBe('new\n')
  expect(existsSync(`${file}.drac-20261123-021510`)).toBe(true)
})
