// The table of integrations/README.md of what would-be relays hear.
import { readFileSync } from 'node:fs'
import type { Family } from './mta.ts'
import { ROWS, type Row, type Seen } from './observe.ts'
import { type Column, type Heading, Observed, PageTable, type Sections } from './page-table.ts'
import type { Way } from './ways.ts'

export const README = 'integrations/README.md'
export const REGENERATE = 'npm test -- test/interop; node test/interop/render-table.ts'
export const BEGIN = `<!-- begin of what was observed: DO NOT EDIT; ${REGENERATE} -->`
export const END = '<!-- end of what was observed -->'

export type Cells = Column<Row>

const table = new PageTable<Row>(ROWS, BEGIN, END)
const observed = new Observed<Row>('.cache/interop/observed')
const headingOf = (way: Way): Heading => ({ server: way.server.title, way: way.title })

export function cellsOf(seen: Seen): Cells {
  return Object.fromEntries(ROWS.flatMap((row) => (seen.has(row) ? [[row, cell(seen.get(row)!)]] : [])))
}

/** One code when the families agree. */
function cell(codes: ReadonlyMap<Family, string>): string {
  const different = new Set(codes.values())
  if (different.size === 1) return [...different][0]!
  return [...codes].map(([family, code]) => `${family} ${code}`).join(', ')
}

export const record = (way: Way, cells: Cells): void => observed.record(headingOf(way), cells)

/** Throws when that way was not observed here. */
export const recorded = (way: Way): Cells => observed.recorded(headingOf(way))

export const render = (ways: readonly Way[], cellsFor: (way: Way) => Cells): string =>
  table.render(ways.map((way) => [headingOf(way), cellsFor(way)]))

export const readTable = (page = readFileSync(README, 'utf8')): Sections<Row> => table.read(page)
export const withTable = (page: string, rendered: string): string => table.write(page, rendered)
