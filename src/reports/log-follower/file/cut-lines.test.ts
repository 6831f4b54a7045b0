import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutLines, MAX_LINE } from './cut-lines.ts'

/** As a generation reads: what is not done with comes again, with more after it. */
function readIn(chunks: readonly Buffer[]): { lines: string[]; overlong: number } {
  const all = { lines: [] as string[], overlong: 0 }
  let [rest, skip]: [Buffer, boolean] = [Buffer.alloc(0), false]
  for (const chunk of chunks) {
    const data = Buffer.concat([rest, chunk])
    const cut = cutLines(data, skip)
    all.lines.push(...cut.lines)
    all.overlong += cut.overlong
    rest = data.subarray(cut.bytes)
    skip = cut.skip
    expect(rest.length).toBeLessThanOrEqual(MAX_LINE)
  }
  return all
}

function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    chunks.push(bytes.subarray(at, at + sizes[i % sizes.length]!))
    at += sizes[i % sizes.length]!
  }
  return chunks
}

test.each([
  ['whole lines', 'a\nb\n', ['a', 'b'], 4],
  ['the last without end', 'a\nb', ['a'], 2],
  ['empty lines', '\n\na\n', ['', '', 'a'], 4],
  ['nothing', '', [], 0],
  ['a hole before a line', '\0\0\0a\nb\n', ['a', 'b'], 7],
  ['a hole at the end', 'a\n\0\0', ['a'], 4],
  ['NUL bytes amid a line', 'a\0b\n', ['a\0b'], 4],
])('%s', (_, text, lines, bytes) => {
  expect(cutLines(Buffer.from(text), false)).toEqual({ lines, overlong: 0, bytes, skip: false })
})

describe('lines that are too long', () => {
  const long = 'x'.repeat(MAX_LINE + 1)

  test('the longest that is read, and one byte more', () => {
    expect(readIn([Buffer.from(`${long.slice(1)}\n`)])).toEqual({ lines: [long.slice(1)], overlong: 0 })
    expect(readIn([Buffer.from(`${long}\nb\n`)])).toEqual({ lines: ['b'], overlong: 1 })
  })

  test('a hole of any size is no line', () => {
    const hole = Buffer.alloc(3 * MAX_LINE)
    expect(readIn([hole, Buffer.from('a\n')])).toEqual({ lines: ['a'], overlong: 0 })
  })

  test('bytes that are no UTF-8 count as what they are shown as, however they come', () => {
    const binary = Buffer.alloc(MAX_LINE - 10, 0xff)
    const bytes = Buffer.concat([binary, Buffer.from('\na\n')])
    expect(readIn([bytes])).toEqual({ lines: ['a'], overlong: 1 })
    expect(readIn(chunksOf(bytes, [10_000]))).toEqual({ lines: ['a'], overlong: 1 })
  })
})

test('in whatever pieces it comes, the same lines', () => {
  const line = fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '\0', ' ', '\r', '\u2028'), maxLength: 12 }) },
    { weight: 1, arbitrary: fc.integer({ min: MAX_LINE - 2, max: 3 * MAX_LINE }).map((length) => 'x'.repeat(length)) },
  )
  const sizes = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), sizes, (lines, size) => {
      const large = size.map((each) => each + 500)
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const whole = lines.map((each) => each.replace(/^\0+/, ''))
      const short = whole.filter((each) => Buffer.byteLength(each) <= MAX_LINE)
      expect(readIn(chunksOf(bytes, large))).toEqual({ lines: short, overlong: whole.length - short.length })
    }),
  )
})
