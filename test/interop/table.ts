// The table of integrations/README.md: made of what was observed, and read back to be compared with it.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Family } from './mta.ts'
import { ROWS, type Row, type Seen } from './observe.ts'
import type { Way } from './ways.ts'

export const README = 'integrations/README.md'
export const OBSERVED = '.cache/interop/observed'
export const REGENERATE = 'npm test -- test/interop; node test/interop/render-table.ts'
export const BEGIN = `<!-- begin of what was observed: DO NOT EDIT; ${REGENERATE} -->`
export const END = '<!-- end of what was observed -->'

/** One column of the table. */
export type Cells = Partial<Record<Row, string>>
/** server -> way -> cells */
export type Table = Map<string, Map<string, Cells>>

export function cellsOf(seen: Seen): Cells {
  return Object.fromEntries(ROWS.flatMap((row) => (seen.has(row) ? [[row, cell(seen.get(row)!)]] : [])))
}

/** One code when the families agree. */
function cell(codes: ReadonlyMap<Family, string>): string {
  const different = new Set(codes.values())
  if (different.size === 1) return [...different][0]!
  return [...codes].map(([family, code]) => `${family} ${code}`).join(', ')
}

const fileOf = (way: Way): string =>
  join(OBSERVED, `${way.server.title} ${way.title}.json`.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-'))

export function record(way: Way, cells: Cells): void {
  mkdirSync(OBSERVED, { recursive: true })
  const file = fileOf(way)
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(cells, undefined, 2))
  renameSync(`${file}.${process.pid}`, file)
}

/** Throws when that way was not observed here. */
export const recorded = (way: Way): Cells => JSON.parse(readFileSync(fileOf(way), 'utf8')) as Cells

export function render(ways: readonly Way[], cellsFor: (way: Way) => Cells): string {
  const servers = [...new Set(ways.map(({ server }) => server.title))]
  return servers
    .map((title) => {
      const columns = ways.filter(({ server }) => server.title === title)
      return `### ${title}\n\n${markdown(columns.map((way) => [way.title, cellsFor(way)]))}`
    })
    .join('\n')
}

function markdown(columns: readonly (readonly [title: string, cells: Cells])[]): string {
  const rows = ROWS.filter((row) => columns.some(([, cells]) => cells[row] !== undefined))
  const lines = [
    ['', ...columns.map(([title]) => title)],
    ...rows.map((row) => [row, ...columns.map(([, cells]) => cells[row] ?? '')]),
  ]
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)))
  const text = (line: readonly string[]): string =>
    `| ${line.map((each, i) => each.padEnd(widths[i]!)).join(' | ')} |\n`
  return [text(lines[0]!), text(widths.map((width) => '-'.repeat(width))), ...lines.slice(1).map(text)].join('')
}

/** What stands between the markers. Throws when they are not there. */
export function readTable(page = readFileSync(README, 'utf8')): Table {
  const table: Table = new Map()
  let ways: Cells[] = []
  for (const line of page.slice(...inside(page)).split('\n')) {
    const [, title] = /^### (.*)$/.exec(line) ?? []
    if (title !== undefined) table.set(title, new Map())
    if (!line.startsWith('|') || line.startsWith('| -') || line.startsWith('|--')) continue
    const [row, ...fields] = line
      .split('|')
      .slice(1, -1)
      .map((field) => field.trim())
    const server = [...table.values()].at(-1)!
    if (row === '') ways = fields.map((way) => server.set(way, {}).get(way)!)
    else for (const [i, field] of fields.entries()) if (field !== '') ways[i]![row as Row] = field
  }
  return table
}

export function withTable(page: string, rendered: string): string {
  const [from, to] = inside(page)
  return `${page.slice(0, from)}\n\n${rendered}\n${page.slice(to)}`
}

/** Where the text between the markers begins and ends. */
function inside(page: string): [from: number, to: number] {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${README}: the two marker lines of the table are not there`)
  return [begin + BEGIN.length, end]
}
