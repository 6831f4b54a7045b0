// Runs the load generators of bench/c and keeps account of wrong answers, which fail the bench.
import { output } from './children.ts'
import type { Programs } from './programs.ts'

/** What one run of a load generator saw. Latencies in microseconds. */
export interface LoadResult {
  /** All answers, those of the warm-up too. */
  readonly answered: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Never answered. */
  readonly lost: number
  /** Answered with anything but what it had to be. */
  readonly wrong: number
}

export interface AddsLoad {
  readonly transport: 'udp' | 'tcp'
  readonly port: number
  /** Adds outstanding at a time; over TCP as many connections. */
  readonly window: number
  /** Entries of the table, which are renewed: at random, or in turn. */
  readonly size: number
  readonly mode?: 'renew' | 'cycle'
  readonly seconds: number
}

export interface LookupsLoad {
  readonly socket?: string
  readonly port?: number
  readonly connections: number
  readonly size: number
  readonly expect: 'table' | 'echo'
  readonly seconds: number
}

/** Wrong and missing answers seen in this run of the bench, one line each. */
export const trouble: string[] = []

const options = (given: object): string[] =>
  Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]))

async function load(program: string, given: object): Promise<LoadResult> {
  const result = JSON.parse(await output(program, options(given))) as LoadResult
  if (result.wrong > 0) trouble.push(`${result.wrong} wrong answers: ${options(given).join(' ')}`)
  if (result.lost > 0) trouble.push(`${result.lost} requests never answered: ${options(given).join(' ')}`)
  return result
}

export const loadAdds = (programs: Programs, given: AddsLoad): Promise<LoadResult> =>
  load(programs['load-adds'], { mode: 'renew', ...given })

export const loadLookups = (programs: Programs, given: LookupsLoad): Promise<LoadResult> =>
  load(programs['load-lookups'], given)

/**
 * Adds entries `first` up to `first + size - 1`; throws unless every one was acknowledged. What a full socket buffer
 * dropped was sent again and is no trouble: that is UDP, and it is not being measured here.
 */
export async function fill(programs: Programs, port: number, size: number, first = 0): Promise<LoadResult> {
  const given = { mode: 'fill', transport: 'udp', port, size, first, window: 128 }
  const result = JSON.parse(await output(programs['load-adds'], options(given))) as LoadResult
  if (result.wrong > 0 || result.answered < size) throw new Error(`filling ${size} entries: ${JSON.stringify(result)}`)
  return result
}

/** entry_address of bench/c/drac-wire.h. */
export function entryAddress(entry: number): string {
  const number = (0x20000000 | (Math.imul(entry, 0x9e3779b1) & 0x07ffffff)) >>> 0
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}
