// drac config, without a daemon.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EVERY_SETTING } from '../../daemon/settings/describe.ts'
import { dracCommand } from '../drac.ts'
import { EXIT } from '../exit.ts'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-config-'))
  file = join(folder, 'dracd.toml')
  writeFileSync(
    file,
    'lifetime = "3600s"\ntrusted_clients = "192.0.2.1, 2001:db8::/32"\n\n[[map]]\npath = "/a"\n\n[[map]]\nformat = "hash"\npath = "/b"\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

async function config(...args: readonly string[]): Promise<{ code: number; text: string }> {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
  try {
    await dracCommand().parseAsync(['config', '--config', file, ...args], { from: 'user' })
    return { code: Number(process.exitCode ?? EXIT.DONE), text }
  } finally {
    write.mockRestore()
    process.exitCode = undefined
  }
}

interface Line {
  readonly name: string
  readonly value: unknown
  readonly default: unknown
  readonly source: { readonly text: string }
  readonly meaning: string
}
const json = async (...args: readonly string[]): Promise<Line[]> => JSON.parse((await config('--json', ...args)).text)
const brief = async (...args: readonly string[]) =>
  (await json(...args)).map(({ name, value, source }) => [name, value, source.text])

test('every setting is there, with its meaning', async () => {
  const lines = await json()
  for (const { name, row } of EVERY_SETTING) {
    const named = lines.filter((line) => line.name.replace(/\.\d+\./, '[].') === name)
    expect(
      named.map(({ meaning }) => meaning),
      name,
    ).toContain(row.help)
  }
  const { text } = await config()
  for (const { name } of lines)
    expect(text).toMatch(new RegExp(`^${name.replaceAll(/[[\].]/g, '\\$&')}( = |: no )`, 'm'))
})

test('what is not at its default says where it comes from', async () => {
  expect(await brief('--changed', '--set', 'max_lifetime=2d')).toEqual([
    ['lifetime', '1h', `${file}:1`],
    ['max_lifetime', '2d', '--set max_lifetime=2d'],
    ['trusted_clients', ['192.0.2.1', '2001:db8::/32'], `${file}:2`],
    ['map.0.path', '/a', `${file}:5`],
    ['map.1.path', '/b', `${file}:9`],
    ['map.1.format', 'hash', `${file}:8`],
  ])
})

test("rpc.dracd's flags and defaults are sources", async () => {
  expect(await brief('--changed', '--as', '/usr/sbin/rpc.dracd -e 90 /c.db')).toEqual(
    expect.arrayContaining([
      ['lifetime', '1h30m', 'rpc.dracd -e 90'],
      ['drac_rpc.listen', ['udp:0.0.0.0:0', 'tcp:0.0.0.0:0', 'udp:[::]:0', 'tcp:[::]:0'], 'rpc.dracd'],
      ['map.1.path', '/b', `${file}:9`],
      ['map.2.path', '/c.db', 'rpc.dracd /c.db'],
    ]),
  )
})

test('a long -e raises max_lifetime unless somebody set it', async () => {
  expect((await brief('max_lifetime', '--as', 'dracd -e 3000'))[0]).toEqual(['max_lifetime', '2d2h', 'dracd -e 3000'])
  await expect(config('--as', 'dracd -e 3000', '--set', 'max_lifetime=24h')).rejects.toThrow(/-e 3000: longer than/)
})

test.each([
  ['lifetime', ['lifetime']],
  ['drac_rpc', ['drac_rpc.listen', 'drac_rpc.portmapper']],
  ['drac_rpc.portmapper', ['drac_rpc.portmapper']],
  ['map.path', ['map.0.path', 'map.1.path']],
  ['map[].path', ['map.0.path', 'map.1.path']],
  ['map.1.path', ['map.1.path']],
])('one name, or one table: %s', async (name, expected) => {
  expect((await json(name)).map((line) => line.name)).toEqual(expected)
})

test('several names', async () => {
  expect((await json('lifetime', 'drac_rpc')).map((line) => line.name)).toEqual([
    'lifetime',
    'drac_rpc.listen',
    'drac_rpc.portmapper',
  ])
  expect(await config('lifetime', 'nothing')).toMatchObject({
    code: EXIT.REFUSED,
    text: expect.stringMatching(/^lifetime = (?:.|\n)*\nthere is no setting nothing; drac config lists them\n$/),
  })
})

test('a value is printed as it may stand in the file', async () => {
  const lines = (await config()).text.split('\n').filter((line) => / = /.test(line) && !line.startsWith(' '))
  const tree = parse(lines.filter((line) => !line.startsWith('map')).join('\n'))
  expect(tree).toMatchObject({ lifetime: '1h', trusted_clients: ['192.0.2.1', '2001:db8::/32'], socketmap: {} })
})

test('an unknown name is 1, a wrong --as is usage, a wrong file is a configuration error', async () => {
  expect(await config('lifetme')).toMatchObject({
    code: EXIT.REFUSED,
    text: expect.stringContaining('no setting lifetme'),
  })
  await expect(config('--as', 'sendmail')).rejects.toMatchObject({ code: 'DRAC_USAGE' })
  await expect(config('--set', 'lifetime=soon')).rejects.toMatchObject({ kind: 'config' })
})
