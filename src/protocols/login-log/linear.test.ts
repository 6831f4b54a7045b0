// No line takes more than linear work. Every repetition in a pattern is bounded, and that is what is checked; the long
// lines are run too, past the limit of 8 KiB, where a pattern that is not linear would take hours.
import { expect, test } from 'vitest'
import { LogMatcher } from './matcher.ts'
import { samplesByFile } from './samples/read.ts'
import { ALL } from './servers.ts'

const MIB = 2 ** 20
const patterns = ALL.flatMap(({ server, patterns }) =>
  [...new Set([...patterns.values()].flat())].map((pattern) => ({ server, pattern })),
)
const fill = (text: string): string => text.repeat(Math.ceil(MIB / Math.max(text.length, 1)))

/** A text without character classes and escapes, so that what is left of `*`, `+` and `{` repeats. */
const bare = (source: string): string => source.replaceAll(/\\./g, 'e').replaceAll(/\[[^\]]*\]/g, 'c')

test.each(patterns)(
  '$server $pattern.shape: every repetition is bounded, and it is anchored at both ends',
  ({ pattern }) => {
    const source = bare(pattern.shape.source)
    expect(source).not.toMatch(/[*+]|\{[0-9]+,\}/)
    expect(source).toMatch(/^\^.*\$$/s)
    expect(source).not.toMatch(/\|(?![^(]*\))/)
    const most = [...source.matchAll(/\{[0-9]+,([0-9]+)\}/g)].map((match) => Number(match[1]))
    expect(Math.max(0, ...most)).toBeLessThanOrEqual(900)
  },
)

test.each(patterns)('$server $pattern.shape: 1 MiB', ({ server, pattern }) => {
  const messages = (samplesByFile().get(server) ?? []).map(({ line }) => line.replace(/^.*?\]?: /, ''))
  const own = messages.filter((message) => message.startsWith(pattern.starts)).slice(0, 3)
  const tails = own.flatMap((message) => [message.slice(pattern.starts.length), message.slice(message.length >> 1)])
  for (const text of ['a', ' ', '1', '.', '"', '1.', ', a=1', '[1.1.1.1] ', '(1) ', ...own, ...tails])
    for (const line of [fill(text), pattern.starts + fill(text), pattern.starts + fill(text) + text])
      expect(pattern.shape.test(line)).toBe(false)
})

test('the matcher lets a line of 1 MiB go at once', () => {
  const matcher = new LogMatcher({})
  for (const { line } of [...samplesByFile().values()].flat()) {
    expect(matcher.match(line + fill(line), 0)).toBeUndefined()
    expect(matcher.match(fill(' ') + line, 0)).toBeUndefined()
  }
})
