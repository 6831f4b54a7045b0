import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from './read.ts'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-check-logs-'))
  file = join(folder, 'dracd.toml')
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['neither', '[[log]]', ':1: log.0: ', 'a log is a path'],
  ['both', '[[log]]\npath = "/var/log/mail.log"\njournal = ["dovecot"]', ':2: log.0.path: ', 'both set'],
  ['unknown server', '[[log]]\npath = "/a"\nservers = ["dovcot"]', ':3: log.0.servers: ', 'did you mean dovecot?'],
  ['twice', '[[log]]\npath = "/a"\n[[log]]\npath = "/a"', ':4: log.1.path: ', 'another log'],
  [
    'bad pattern',
    '[[log_pattern]]\nname = "p"\nprogram = ["p"]\nlogin = "in"',
    ':4: log_pattern.0.login: ',
    'needs <address>',
  ],
  [
    'bad logout',
    '[[log_pattern]]\nname = "p"\nprogram = ["p"]\nlogin = "in <address>"\nlogout = "<user> <address> <any>"',
    ':5: log_pattern.0.logout: ',
    'both sides',
  ],
  [
    'known name',
    '[[log_pattern]]\nname = "dovecot"\nprogram = ["p"]\nlogin = "<address>"',
    ':2: log_pattern.0.name',
    'known already',
  ],
])('what is wrong with a log is said with its line and its cure: %s', (_, text, where, what) => {
  writeFileSync(file, `${text}\n`)
  expect(() => readSettings({ file })).toThrow(
    expect.objectContaining({ kind: 'config', message: expect.stringContaining(`${file}${where}`) }),
  )
  expect(() => readSettings({ file })).toThrow(what)
})

test('patterns of one name, and logs that are as they should be', () => {
  const pattern = '[[log_pattern]]\nname = "p"\nprogram = ["p"]\nlogin = "in <address>"\n'
  writeFileSync(file, pattern + pattern)
  expect(() => readSettings({ file })).toThrow('another log_pattern')
  writeFileSync(file, `${pattern}[[log]]\npath = "/a"\nservers = ["dovecot", "p"]\n[[log]]\njournal = ["dovecot"]\n`)
  expect(readSettings({ file }).settings.log).toHaveLength(2)
})
