// Text for a terminal: columns, times, and nothing from outside that could move the cursor.
import { formatDuration } from '../../lib/duration.ts'

/** Control characters and the like become `?`: names come from outside. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?')

export const terminalWidth = (): number => process.stdout.columns || 80

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

/** Columns as wide as their widest cell, two blanks between; the last takes what the terminal leaves. */
export function columns(rows: readonly (readonly string[])[], width = terminalWidth()): string[] {
  const clean = rows.map((row) => row.map(printable))
  const widths = (clean[0] ?? []).map((_, i) => Math.max(...clean.map((row) => row[i]?.length ?? 0)))
  return clean.map((row) =>
    cut(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
      width,
    ),
  )
}

/** `2026-11-23 02:15:10`, local time. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export const ago = (then: number, now: number): string =>
  then >= now ? 'just now' : `${formatDuration(now - then)} ago`

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`

/** 1234567 as 1,234,567. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
