import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Positions } from './positions.ts'

let folder: string
let path: string
let troubles: (string | undefined)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-positions-'))
  path = join(folder, 'log-positions.json')
  troubles = []
})
afterEach(() => rmSync(folder, { recursive: true }))
const open = (...names: string[]): Positions => new Positions(path, names, (reason) => troubles.push(reason))

test('kept over restarts, for the logs that are followed, readable by nobody else', async () => {
  const first = open('/a', '/b')
  first.set('/a', () => ({ offset: 7 }))
  first.set('/b', () => 'x')
  await first.save()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const second = open('/a', '/c')
  expect([second.get('/a'), second.get('/b'), second.get('/c')]).toEqual([{ offset: 7 }, undefined, undefined])
  await second.save()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ '/a': { offset: 7 } })
})

test.each(['', '{', 'null', '7'])('a file that is not to be understood is like none: %j', (text) => {
  writeFileSync(path, text)
  expect(open('/a').get('/a')).toBeUndefined()
})

test('a name that every object has is no position', () => {
  writeFileSync(path, '{}')
  expect(open('constructor').get('constructor')).toBeUndefined()
})

test('trouble is told, and that it is over; the old file stays whole', async () => {
  const positions = open('/a')
  positions.set('/a', () => 1)
  mkdirSync(`${path}.new`)
  await positions.save()
  expect(troubles.at(-1)).toContain('EISDIR')
  rmSync(`${path}.new`, { recursive: true })
  await positions.save()
  expect(troubles.at(-1)).toBeUndefined()
})
