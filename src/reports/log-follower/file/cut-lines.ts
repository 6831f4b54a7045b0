// Whole lines out of the bytes of a log.

/** Bytes of the longest line that is read, its end not counted; what is longer is dropped and counted. */
export const MAX_LINE = 65_536

const LF = 0x0a
/** Fewer characters than this cannot be more than MAX_LINE bytes. */
const SURELY_SHORT = MAX_LINE / 3

export interface Cut {
  /** Without their ends, and without NUL bytes before them: a writer that goes on at its old offset after the file was cut leaves a hole. */
  readonly lines: readonly string[]
  /** Lines that were dropped because they are too long. */
  readonly overlong: number
  /** What is done with: the rest is the beginning of a line whose end has not been written yet. */
  readonly bytes: number
  /** The end of a dropped line has not been seen yet. */
  readonly skip: boolean
}

/** @param skip as the cut before said */
export function cutLines(data: Buffer, skip: boolean): Cut {
  let begin = 0
  if (skip) {
    const end = data.indexOf(LF)
    if (end < 0) return { lines: [], overlong: 0, bytes: data.length, skip: true }
    begin = end + 1
  }
  const last = data.lastIndexOf(LF)
  const all = last < begin ? [] : data.toString('utf8', begin, last).split('\n')
  const lines = all.some(needsCare) ? all.map(withoutNuls).filter(isShort) : all
  const bytes = pastNuls(data, Math.max(begin, last + 1))
  const tooLong = data.length - bytes > MAX_LINE
  return {
    lines,
    overlong: all.length - lines.length + (tooLong ? 1 : 0),
    bytes: tooLong ? data.length : bytes,
    skip: tooLong,
  }
}

const needsCare = (line: string): boolean => line.length > SURELY_SHORT || line.charCodeAt(0) === 0
const withoutNuls = (line: string): string => (line.charCodeAt(0) === 0 ? line.replace(/^\0+/, '') : line)
const isShort = (line: string): boolean => line.length <= SURELY_SHORT || Buffer.byteLength(line) <= MAX_LINE

function pastNuls(data: Buffer, from: number): number {
  let at = from
  while (data[at] === 0) at++
  return at
}
