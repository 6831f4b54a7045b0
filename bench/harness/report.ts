// Figures for people: aligned tables, and what was wanted beside what was seen.

/** A figure that issue 2 asks for. */
export interface Wanted {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly bound: 'at least' | 'at most'
  readonly limit: number
}

export interface Section {
  readonly title: string
  readonly notes?: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly wanted: readonly Wanted[]
  /** Every round, for --json. */
  readonly raw: unknown
}

export const reached = (wanted: Wanted): boolean =>
  wanted.bound === 'at least' ? wanted.value >= wanted.limit : wanted.value <= wanted.limit

/** 68123 -> 68.1k; three digits are all that the noise leaves. */
export function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)}M`
  if (perSecond >= 1e5) return `${(perSecond / 1e3).toFixed(0)}k`
  return perSecond >= 1e3 ? `${(perSecond / 1e3).toFixed(1)}k` : perSecond.toFixed(0)
}

/** Microseconds as milliseconds. */
export const ms = (us: number): string => (us / 1000).toFixed(us < 1000 ? 3 : us < 10_000 ? 2 : 1)
export const times = (value: number): string => `${value.toFixed(2)}x`
export const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`

/** First column to the left, the others to the right. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ')
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

export function wantedText(all: readonly Wanted[]): string {
  const value = (wanted: Wanted, number: number): string => `${Number(number.toFixed(2))}${wanted.unit}`
  return tableText(
    ['figure', 'seen', 'wanted', ''],
    all.map((wanted) => [
      wanted.what,
      value(wanted, wanted.value),
      `${wanted.bound} ${value(wanted, wanted.limit)}`,
      reached(wanted) ? 'reached' : 'NOT REACHED',
    ]),
  )
}

export function sectionText(section: Section): string {
  const notes = (section.notes ?? []).map((note) => `${note}\n`).join('')
  const wanted = section.wanted.length > 0 ? `\n\n${wantedText(section.wanted)}` : ''
  return `\n== ${section.title}\n${notes}\n${tableText(section.columns, section.rows)}${wanted}\n`
}
