// When a map may be written again. All times in milliseconds of a clock that only runs forward, unless named otherwise.

export interface Pace {
  /** From the start of one rewrite to the start of the next, when something was added or revoked. */
  readonly changes: number
  /** From the end of one rewrite to the start of one that only takes expired entries out. */
  readonly expiries: number
  /** After the first failure; doubled with every further one up to `retryAtMost`. */
  readonly retry: number
  readonly retryAtMost: number
  /** The wall clock is looked at this often at least, since it may be set. */
  readonly glance: number
}

export const PACE: Pace = { changes: 200, expiries: 1000, retry: 1000, retryAtMost: 8000, glance: 10_000 }

export interface LastRewrite {
  readonly start: number
  readonly end: number
}

export const NEVER: LastRewrite = { start: -1e9, end: -1e9 }

/** A large map whose content keeps changing is being written half of the time at most. */
export const earliestForChanges = (pace: Pace, { start, end }: LastRewrite): number =>
  Math.max(start + pace.changes, end + (end - start))

/** Taking out what has expired costs a tenth of the time at most; changes, when there are any, do it sooner. */
export const earliestForExpiries = (pace: Pace, { start, end }: LastRewrite): number =>
  end + Math.max(pace.expiries, 9 * (end - start))

/** @param failures how many in a row, 1 or more */
export const retryAfter = (pace: Pace, failures: number): number =>
  Math.min(pace.retry * 2 ** (failures - 1), pace.retryAtMost)

/**
 * How long to wait for the wall clock, which has whole seconds, to pass `earliest`. In the last second it is looked at
 * ten times.
 * @param earliest @param now seconds since the epoch
 */
export function untilExpired(pace: Pace, earliest: number, now: number): number {
  const seconds = earliest + 1 - now
  if (seconds <= 0) return 0
  return Math.min(seconds <= 1 ? 100 : (seconds - 1) * 1000, pace.glance)
}
