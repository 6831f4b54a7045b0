// The last 24 hours in slices of ten minutes: logins by source, look-ups by verdict.
import type { Counters } from '../core/counters.ts'

export const SLICE_SECONDS = 600
export const SLICES = 144

/** Counts of one slice. `from` is its beginning in seconds since the epoch. */
export interface Slice {
  readonly from: number
  /** By the first word of the source: `dovecot`, `drac-rpc`. */
  readonly logins: Readonly<Record<string, number>>
  readonly permitted: number
  readonly refused: number
  readonly tempfailed: number
}

export interface HistoryView {
  readonly slice_seconds: number
  readonly slices: readonly Slice[]
}

/** The counters when the slice began. */
interface Growing {
  readonly from: number
  readonly logins: Readonly<Record<string, number>>
  readonly lookups: Counters['lookups']
}

/** In memory; `restore` takes over what `view` said before a restart. */
export class History {
  readonly #counters: Counters
  readonly #clock: () => number
  #past: Slice[] = []
  #now: Growing

  constructor(counters: Counters, clock: () => number) {
    this.#counters = counters
    this.#clock = clock
    this.#now = this.#begin(sliceOf(clock()))
  }

  /** Oldest first, the one that is growing last; slices in which nothing was counted are left out. */
  view(): HistoryView {
    this.turn()
    return { slice_seconds: SLICE_SECONDS, slices: [...this.#past, this.#sum()] }
  }

  restore({ slices }: Pick<HistoryView, 'slices'>): void {
    this.#past = slices.filter(({ from }) => from < this.#now.from)
    this.#drop()
  }

  /** Ends a slice whose time is over; to be called every few seconds. */
  turn(): void {
    const from = sliceOf(this.#clock())
    if (from === this.#now.from) return
    const over = this.#sum()
    if (Object.keys(over.logins).length + over.permitted + over.refused + over.tempfailed > 0) this.#past.push(over)
    this.#now = this.#begin(from)
    this.#drop()
  }

  /** What is older than a day, or in the future of a clock that was set back. */
  #drop(): void {
    const { from } = this.#now
    this.#past = this.#past.filter((slice) => slice.from > from - SLICES * SLICE_SECONDS && slice.from < from)
  }

  #begin(from: number): Growing {
    return { from, logins: loginsOf(this.#counters), lookups: { ...this.#counters.lookups } }
  }

  #sum(): Slice {
    const { from, logins, lookups } = this.#now
    const { permit, dunno, tempfail } = this.#counters.lookups
    return {
      from,
      logins: difference(loginsOf(this.#counters), logins),
      permitted: permit - lookups.permit,
      refused: dunno - lookups.dunno,
      tempfailed: tempfail - lookups.tempfail,
    }
  }
}

/** By source: what was reported as a login and stored. */
const loginsOf = ({ reports }: Counters): Record<string, number> =>
  Object.fromEntries(
    Object.entries(reports).map(([source, { added = 0, renewed = 0 }]) => [source, added + renewed] as const),
  )

const difference = (now: Record<string, number>, before: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(now).flatMap(([source, count]) => {
      const more = count - (Object.hasOwn(before, source) ? before[source]! : 0)
      return more > 0 ? [[source, more] as const] : []
    }),
  )

const sliceOf = (now: number): number => now - (now % SLICE_SECONDS)
