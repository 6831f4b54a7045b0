// The sample file is read as it is, with everything uncommented, and with any one thing wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MANUAL, shownValue, toml } from '../settings/describe.ts'
import { readSettings } from '../settings/read.ts'
import { SCHEMA } from '../settings/schema.ts'
import { writtenSettings } from '../settings/written.ts'
import { EXAMPLE, settingsPage } from './dracd-toml.ts'
import { sampleFile } from './sample.ts'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-sample-'))
  file = join(folder, 'dracd.toml')
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string) {
  writeFileSync(file, text)
  return readSettings({ file })
}

const SAMPLE = sampleFile()
/** What an administrator does who takes every "#" away before a setting. */
const uncomment = (text: string): string => text.replace(/^#(?=\S)/gm, '')

test('as it is, the sample changes nothing', () => {
  expect(read(SAMPLE).settings).toEqual(read('').settings)
  expect(read(SAMPLE).explicit).toEqual(new Set())
})

test('what "drac setup" says can be added at the end', () => {
  expect(read(`${SAMPLE}\n[http]\nlisten = ["unix:/run/drac/http.sock"]\n`).settings.http.listen).toHaveLength(1)
})

test("uncommented, it says root's defaults, and one entry of each table of which there may be several", () => {
  const { settings, originOf } = read(uncomment(SAMPLE))
  const lines = uncomment(SAMPLE).split('\n')
  for (const { name, setting, value } of writtenSettings(settings)) {
    expect([name, value]).toEqual([name, shownValue(setting)])
    const origin = originOf(name)
    expect(origin, name).toMatchObject({ from: 'file', file, line: expect.any(Number) })
    expect(lines[(origin as { line: number }).line - 1]).toBe(`${setting.key} = ${toml(value!)}`)
  }
})

test('every setting that the parser knows is in the table, the sample and the man page', () => {
  const page = settingsPage('0')
  type Schema = { entries?: Record<string, Schema>; wrapped?: Schema; item?: Schema; pipe?: Schema[] }
  const inside = ({ entries, wrapped, item, pipe }: Schema): Record<string, Schema> =>
    entries ??
    [wrapped, item, pipe?.[0]].map((each) => (each ? inside(each) : {})).find((e) => Object.keys(e).length) ??
    {}
  const known = Object.entries(inside(SCHEMA as unknown as Schema)).flatMap(([name, schema]) => {
    const below = Object.keys(inside(schema))
    return below.length === 0 ? [name] : below.map((key) => `${name}.${key}`)
  })
  const described = MANUAL.flatMap(({ settings }) => settings)
  expect(described.map(({ name }) => name.replace('[]', '')).sort()).toEqual(known.sort())
  for (const { name, key, row, words } of described) {
    expect(`${name}: ${words}`).not.toMatch(/: (union|object|array|unknown|any|picklist)$/)
    expect(row.help, name).toMatch(/[.)]$/)
    expect(SAMPLE).toMatch(new RegExp(`^#${key} = `, 'm'))
    expect(page).toContain(`\n.B "${key}"\n`)
  }
})

test('the example of the man page can be read', () => {
  expect(read(EXAMPLE).settings.map).toHaveLength(2)
})

const DAMAGES = [
  'true',
  '-1',
  '99999999999',
  '1.5',
  '"\\u0000"',
  '""',
  '"what?"',
  '[]',
  '[1]',
  '["what?"]',
  '{}',
  '{ a = 1 }',
  '1979-05-27',
  '',
  '"',
  '[',
  'x',
]

test.each(MANUAL.flatMap((table) => table.settings.map((setting) => [setting.name, table, setting] as const)))(
  'whatever is wrong with %s in the sample is said in one line with file, line and name',
  (name, { header, several }, { key, words }) => {
    const at = header === '' ? 0 : SAMPLE.indexOf(`\n#${header}\n`)
    const end = `${SAMPLE}\n\n\n`.indexOf('\n\n\n', at)
    const table = SAMPLE.slice(at, end)
    // An entry of which there may be several stands there whole.
    const opened = table.replace(`\n#${header}\n`, `\n${header}\n`)
    const block = header === '' ? table : several ? uncomment(table) : opened
    const damaged = (line: string): string =>
      SAMPLE.slice(0, at) + block.replace(new RegExp(`^#?${key} = .*$`, 'm'), () => line) + SAMPLE.slice(end)
    let refused = 0
    for (const line of [...DAMAGES.map((value) => `${key} = ${value}`), `${key}x = 1`, `${key} == 1`, `${key}`]) {
      const text = damaged(line)
      try {
        read(text)
      } catch (error) {
        const { message } = error as Error
        refused++
        expect(message).not.toContain('\n')
        const number = text.split('\n').indexOf(line) + 1
        if (line.endsWith('[')) expect(message).toContain(`; is line ${number} closed? ${line}`)
        else expect(message.slice(0, `${file}:${number}: `.length), message).toBe(`${file}:${number}: `)
        expect(message).toMatch(
          /not TOML/.test(message) ? new RegExp(`[:?] ${key}`) : new RegExp(`: ${name.replace('[]', '\\.0')}`),
        )
        expect(message).not.toMatch(/Invalid type|Expected/)
      }
    }
    expect(refused).toBeGreaterThan(words === 'text' ? 5 : 8)
  },
)
