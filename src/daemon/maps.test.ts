import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MapPublisher } from '../maps/publisher/publisher.ts'
import { emptyMaps, mapStatus } from './maps.ts'
import { readSettings } from './settings/read.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-maps-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const settingsOf = (toml: string): ReturnType<typeof readSettings>['settings'] => {
  writeFileSync(join(folder, 'dracd.toml'), toml)
  return readSettings({ file: join(folder, 'dracd.toml') }).settings
}

test('after a crash every map is emptied and its command run, whatever becomes of the others', async () => {
  mkdirSync(join(folder, 'open'))
  chmodSync(join(folder, 'open'), 0o777)
  writeFileSync(join(folder, 'list'), '192.0.2.5/32\tOK\n')
  writeFileSync(join(folder, 'list.made'), '192.0.2.5/32\tOK\n')
  const settings = settingsOf(`
[[map]]
path = "${folder}/open/dracd.db"
[[map]]
path = "${folder}/list"
format = "text"
key = "cidr"
value = "OK"
command = 'cp "$DRAC_MAP" "$DRAC_MAP.made"'
[[map]]
path = "${folder}/tcp.cdb"
format = "tcprules"
command = "exit 3"
`)
  expect(await emptyMaps(settings)).toEqual([
    expect.stringContaining('chmod go-w'),
    `map ${folder}/tcp.cdb: its command failed: exit code 3`,
  ])
  expect(readFileSync(join(folder, 'list.made'), 'utf8')).not.toContain('192.0.2.5')
  expect(readFileSync(join(folder, 'list'), 'utf8')).not.toContain('192.0.2.5')
  expect(existsSync(join(folder, 'tcp.cdb'))).toBe(true)
})

test('a status in the words of the control API', async () => {
  const { map } = settingsOf(`[[map]]\npath = "${folder}/map"\nformat = "text"\ncommand = "echo no >&2; exit 3"\n`)
  const publisher = new MapPublisher(
    map[0]!,
    () => [],
    () => 1_900_000_000,
  )
  expect(mapStatus(publisher)).not.toHaveProperty('written_at')
  await expect(publisher.close()).rejects.toThrow(/exit code 3: no/)
  const error = 'its command failed: exit code 3: no'
  expect(mapStatus(publisher)).toMatchObject({
    path: join(folder, 'map'),
    format: 'text',
    written_at: 1_900_000_000,
    error,
    failing_since: 1_900_000_000,
    command: { runs: 1, failures: 1, error, failing_since: 1_900_000_000 },
  })
})
