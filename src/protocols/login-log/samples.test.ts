// Every sample line yields just what is said above it, of one pattern alone.
import { describe, expect, test } from 'vitest'
import type { LogEvent } from './event.ts'
import { parseLine } from './line.ts'
import { LogMatcher, SERVERS } from './matcher.ts'
import type { Pattern } from './pattern.ts'
import { captured, samplesByFile } from './samples/read.ts'
import { ALL } from './servers.ts'

const NOW = Date.UTC(2026, 11, 1) / 1000
const files = samplesByFile()
const samples = [...files.values()].flat()
/** Stand in the lines for the address that an attacker wants permitted. */
const FORGED = ['6.6.6.6', '1.2.3.4', '5.6.7.8']

const told = (event: LogEvent | undefined): string =>
  event ? [event.kind, event.address, event.kind === 'end' ? undefined : event.user].filter((x) => x).join(' ') : 'none'

/** All patterns of all servers that match the line. */
function matching(line: string): { server: string; pattern: Pattern }[] {
  const parsed = parseLine(line, NOW)
  if (!parsed) return []
  const { program, message } = parsed
  return ALL.flatMap(({ server, patterns }) =>
    (patterns.get(program) ?? [])
      .filter(({ starts, shape }) => message.startsWith(starts) && shape.test(message))
      .map((pattern) => ({ server, pattern })),
  )
}

describe.each([...files])('%s', (file, list) => {
  const matcher = new LogMatcher()
  test.each(list.map((sample) => [sample.expect, sample.line] as const))('%s: %s', (expected, line) => {
    const event = matcher.match(line, NOW)
    expect(told(event)).toBe(expected)
    if (event) expect(event.server).toBe(file)
    if (event) expect(event.at).toBeGreaterThan(0)
    expect(FORGED).not.toContain(event?.address)
  })
})

test('with its own server alone a file yields the same, with all others alone nothing', () => {
  for (const [file, list] of files) {
    if (file === 'none') continue
    const own = new LogMatcher({ servers: [file] })
    const others = new LogMatcher({ servers: SERVERS.filter((server) => server !== file) })
    expect(list.map(({ line }) => told(own.match(line, NOW)))).toEqual(list.map((sample) => sample.expect))
    expect(list.filter(({ line }) => others.match(line, NOW))).toEqual([])
  }
})

test.each(samples.map(({ line }) => line))('one pattern at most: %s', (line) => {
  expect(
    matching(line)
      .map(({ server, pattern }) => `${server} ${pattern.shape}`)
      .slice(1),
  ).toEqual([])
})

test.each(
  ALL.flatMap(({ server, patterns }) =>
    [...new Set([...patterns.values()].flat())].map((pattern) => [server, pattern.kind, pattern] as const),
  ),
)('%s: the %s pattern $shape has a sample', (server, _kind, pattern) => {
  const own = files.get(server) ?? []
  expect(own.some(({ line }) => matching(line).some((match) => match.pattern === pattern))).toBe(true)
})

test('the samples are many, of many servers, and a third of them hostile', () => {
  const hostile = samples.filter((sample) => sample.hostile !== undefined)
  expect([...files.keys()].sort()).toEqual([...SERVERS, 'none'].sort())
  expect(SERVERS.length).toBeGreaterThanOrEqual(14)
  expect(samples.length).toBeGreaterThanOrEqual(350)
  expect(hostile.length).toBeGreaterThan(samples.length / 3)
  for (const [file, list] of files)
    expect(list.filter((sample) => sample.hostile !== undefined).length, file).toBeGreaterThanOrEqual(3)
  expect(new Set(samples.map(({ line }) => line)).size).toBeGreaterThan(samples.length - 10)
})

test('what real servers wrote yields what each line must', () => {
  const matchers = new Map<string, LogMatcher>()
  const got = captured().map(({ file, number, line, expect: expected }) => {
    if (!matchers.has(file)) matchers.set(file, new LogMatcher())
    const event = matchers.get(file)!.match(line, NOW)
    const what = event === undefined || event.kind === 'end' ? 'none -' : `${event.kind} ${event.address}`
    return { file, number, what, expected }
  })
  expect(got.length).toBe(197)
  expect(got.filter(({ what, expected }) => what !== expected)).toEqual([])
})
