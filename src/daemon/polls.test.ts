import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkPolls } from './polls.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-polls-'))
afterAll(() => rmSync(folder, { recursive: true }))

function keyFile(name: string, key: string, mode: number): string {
  const path = join(folder, name)
  writeFileSync(path, key)
  chmodSync(path, mode)
  return path
}
const url = 'http://127.0.0.1:8088/doveadm/v1'
const usual = { server: 'dovecot', command: [], url: '', key_file: '', interval: 300 } as const
const check = (poll: object): void => checkPolls({ poll: [{ ...usual, ...poll }] } as never)

test('a command, given or usual, needs nothing else; a URL needs a key', () => {
  check({})
  check({ server: 'cyrus' })
  check({ command: ['doveadm', 'who'] })
  check({ url, key_file: keyFile('key', 'drackey\n', 0o640) })
})

test.each([
  ['a URL of Cyrus', { server: 'cyrus', url }, "url is Dovecot's"],
  ['a URL and a command', { url, command: ['doveadm'] }, 'either url or command'],
  ['a URL without a key', { url }, 'needs a key_file'],
  ['a key that is not there', { url, key_file: join(folder, 'none') }, 'cannot be read'],
  ['a key that every user may read', { url, key_file: keyFile('open', 'drackey', 0o644) }, 'chmod 640'],
  ['no key in the file', { url, key_file: keyFile('empty', '\n', 0o600) }, 'is empty'],
])('%s is refused', (_, poll, message) => {
  expect(() => check(poll)).toThrow(
    expect.objectContaining({ kind: 'config', message: expect.stringContaining(message) }),
  )
})
