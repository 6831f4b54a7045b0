// A table on a page, made of what was observed and read back to be compared with it: `### server`, then a column for each of
// its ways.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One column: line -> what was seen. */
export type Column<Row extends string> = Partial<Record<Row, string>>
/** server -> way -> column */
export type Sections<Row extends string> = Map<string, Map<string, Column<Row>>>

export interface Heading {
  readonly server: string
  readonly way: string
}

export class PageTable<Row extends string> {
  readonly #rows: readonly Row[]
  readonly #begin: string
  readonly #end: string

  /** @param begin @param end lines of the page between which the table stands */
  constructor(rows: readonly Row[], begin: string, end: string) {
    this.#rows = rows
    this.#begin = begin
    this.#end = end
  }

  render(columns: readonly (readonly [Heading, Column<Row>])[]): string {
    return [...new Set(columns.map(([{ server }]) => server))]
      .map((title) => {
        const own = columns.filter(([{ server }]) => server === title)
        return `### ${title}\n\n${this.#markdown(own.map(([{ way }, column]) => [way, column]))}`
      })
      .join('\n')
  }

  /** What stands between the markers. Throws when they are not there. */
  read(page: string): Sections<Row> {
    const table: Sections<Row> = new Map()
    let ways: Column<Row>[] = []
    for (const line of page.slice(...this.#inside(page)).split('\n')) {
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

  write(page: string, rendered: string): string {
    const [from, to] = this.#inside(page)
    return `${page.slice(0, from)}\n\n${rendered}\n${page.slice(to)}`
  }

  #markdown(columns: readonly (readonly [title: string, column: Column<Row>])[]): string {
    const rows = this.#rows.filter((row) => columns.some(([, column]) => column[row] !== undefined))
    const lines = [
      ['', ...columns.map(([title]) => title)],
      ...rows.map((row) => [row, ...columns.map(([, column]) => column[row] ?? '')]),
    ]
    const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)))
    const text = (line: readonly string[]): string =>
      `| ${line.map((each, i) => each.padEnd(widths[i]!)).join(' | ')} |\n`
    return [text(lines[0]!), text(widths.map((width) => '-'.repeat(width))), ...lines.slice(1).map(text)].join('')
  }

  /** Where the text between the markers begins and ends. */
  #inside(page: string): [from: number, to: number] {
    const [begin, end] = [page.indexOf(this.#begin), page.indexOf(this.#end)]
    if (begin < 0 || end < begin) throw new Error(`no table between ${this.#begin} and ${this.#end}`)
    return [begin + this.#begin.length, end]
  }
}

/** What was observed is kept in a folder, a file for each column, until the page is written. */
export class Observed<Row extends string> {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  record(heading: Heading, column: Column<Row>): void {
    mkdirSync(this.#folder, { recursive: true })
    const file = this.#file(heading)
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(column, undefined, 2))
    renameSync(`${file}.${process.pid}`, file)
  }

  /** Throws when it was not observed here. */
  recorded(heading: Heading): Column<Row> {
    return JSON.parse(readFileSync(this.#file(heading), 'utf8')) as Column<Row>
  }

  #file({ server, way }: Heading): string {
    return join(this.#folder, `${server} ${way}.json`.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-'))
  }
}
