import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogLines } from './lines.ts'

function cut(bytes: Buffer, sizes: readonly number[]): string[] {
  const lines = new LogLines()
  const seen: string[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    lines.push(bytes.subarray(at, at + size), (line) => seen.push(line))
    at += size
  }
  const last = lines.end()
  return last === undefined ? seen : [...seen, last]
}

test('any chunks make the same lines, of any characters', () => {
  const line = fc.string({ unit: fc.constantFrom(...'aZ0 \r\0é字😀\u2028'), maxLength: 30 })
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(20)), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      expect(cut(bytes, sizes)).toEqual(lines)
    }),
  )
})

test('the last line needs no end', () => {
  expect(cut(Buffer.from('a\n\nb'), [])).toEqual(['a', '', 'b'])
  expect(cut(Buffer.from(''), [])).toEqual([])
})

test('a line that is far too long comes out empty, and the next one whole', () => {
  const long = 'x'.repeat(30_000)
  expect(cut(Buffer.from(`a\n${long}\nb\n${long}`), Array(100).fill(1000))).toEqual(['a', '', 'b', ''])
})

test('bytes that are no UTF-8 cost their character only', () => {
  expect(cut(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xc3]), [])).toEqual(['a\ufffdb', '\ufffd'])
})
