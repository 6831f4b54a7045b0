// Text of ours in somebody else's file, between two marker comments, so that it can be found and replaced.
import { configError } from '../../lib/errors.ts'

export interface Markers {
  readonly begin: string
  readonly end: string
}

/** @param comment how a comment begins in that file: `#`, `dnl` */
export const markers = (comment: string): Markers => ({ begin: `${comment} BEGIN drac`, end: `${comment} END drac` })

export interface Found {
  readonly before: string
  readonly inside: string
  readonly after: string
  /** What stands before the markers on their lines. */
  readonly indent: string
}

/** The block with its markers cut out. Throws `config` DRAC_MANUAL for a marker without its other, or a second block. */
export function findBlock(text: string, { begin, end }: Markers): Found | undefined {
  const lines = text.split('\n')
  const begins = at(lines, begin)
  const ends = at(lines, end)
  if (begins.length === 0 && ends.length === 0) return undefined
  const [first, last] = [begins[0] ?? -1, ends[0] ?? -1]
  if (begins.length !== 1 || ends.length !== 1 || last < first) {
    const seen = [...begins, ...ends].map((line) => line + 1).join(', ')
    throw configError(
      'DRAC_MANUAL',
      `"${begin}" and "${end}" must stand once each, in this order; seen on lines ${seen}`,
    )
  }
  const join = (part: readonly string[]): string => part.map((line) => `${line}\n`).join('')
  return {
    before: join(lines.slice(0, first)),
    inside: join(lines.slice(first + 1, last)),
    after: lines.slice(last + 1).join('\n'),
    indent: /^\s*/.exec(lines[first]!)![0],
  }
}

const at = (lines: readonly string[], marker: string): number[] =>
  lines.flatMap((line, i) => (line.trim() === marker || line.trim().startsWith(`${marker} `) ? [i] : []))

/** The block as it stands in a file: markers, and the body with the same indent. */
export function block({ begin, end }: Markers, body: string, indent = ''): string {
  const lines = body.replace(/\n$/, '').split('\n')
  return [begin, ...lines, end].map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('')
}

/** The file with the body in its block: where the block is, else at the end. */
export function withBlock(text: string, mark: Markers, body: string): string {
  const found = findBlock(text, mark)
  if (found) return found.before + block(mark, body, found.indent) + found.after
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${text === '' ? '' : '\n'}${block(mark, body)}`
}
