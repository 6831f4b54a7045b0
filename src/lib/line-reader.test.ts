import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineReader } from './line-reader.ts'

const text = (line: Uint8Array): string => Buffer.from(line).toString('latin1')
const lines = (reader: LineReader, chunk: string): string[] => [...reader.push(Buffer.from(chunk, 'latin1'))].map(text)

test('lines end in LF or CR LF; a CR elsewhere is a byte like others', () => {
  const reader = new LineReader(100)
  expect(lines(reader, 'a\nb\r\n\n\r\nc\rd\n\r\r\nrest')).toEqual(['a', 'b', '', '', 'c\rd', '\r'])
  expect(reader.pending).toBe(true)
  expect(lines(reader, ' of it\n')).toEqual(['rest of it'])
  expect(reader.pending).toBe(false)
})

test('a line has the limit with its end, whole or in pieces', () => {
  expect(lines(new LineReader(4), 'abc\nabc\n')).toEqual(['abc', 'abc'])
  expect(() => lines(new LineReader(4), 'abcd\n')).toThrow(expect.objectContaining({ kind: 'malformed' }))
  const reader = new LineReader(4)
  expect(lines(reader, 'abc')).toEqual([])
  expect(() => lines(reader, 'd')).toThrow(expect.objectContaining({ code: 'DRAC_LINE_TOO_LONG' }))
})

test('what is held is a copy: the chunk may be used again', () => {
  const reader = new LineReader(100)
  const chunk = Buffer.from('held')
  expect([...reader.push(chunk)]).toEqual([])
  chunk.fill('x')
  expect(lines(reader, '\n')).toEqual(['held'])
})

test('property: any chunking yields the same lines', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[ -~]{0,20}$/)),
      fc.array(fc.integer({ min: 1, max: 9 })),
      (all, sizes) => {
        const wire = all.map((line) => `${line}\n`).join('')
        const reader = new LineReader(100)
        const seen: string[] = []
        for (let at = 0, i = 0; at < wire.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          seen.push(...lines(reader, wire.slice(at, at + size)))
          at += size
        }
        expect(seen).toEqual(all)
        expect(reader.pending).toBe(false)
      },
    ),
  )
})
