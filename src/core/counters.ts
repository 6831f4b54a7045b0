import { IGNORED_REASONS, type IgnoredReason, type RefusedReason } from './login-event.ts'

/** Different sources told apart; reports of more are counted as `other`. */
const MAX_SOURCES = 64

/** How often each thing happened since the start. Plain numbers, counted where they happen. */
export interface Counters {
  added: number
  /** By the first word of the source, then by what became of them. */
  reports: Record<string, Record<string, number>>
  renewed: number
  expired: number
  revoked: number
  /** Sessions that ended, by a logout or a poll that no longer names them. */
  loggedOut: number
  ignored: Record<IgnoredReason, number>
  refused: Record<RefusedReason, number>
  /** Reports that could not be stored. */
  storeFailures: number
  lookups: { permit: number; dunno: number; tempfail: number }
}

export const newCounters = (): Counters => ({
  added: 0,
  // Reporters choose the names: none may be one that every object has.
  reports: Object.create(null),
  renewed: 0,
  expired: 0,
  revoked: 0,
  loggedOut: 0,
  ignored: Object.fromEntries(IGNORED_REASONS.map((reason) => [reason, 0])) as Record<IgnoredReason, number>,
  refused: { 'untrusted-reporter': 0, 'forwarding-portmapper': 0, 'table-full': 0 },
  storeFailures: 0,
  lookups: { permit: 0, dunno: 0, tempfail: 0 },
})

/** @param via the source of a report @param result `added`, `renewed`, `alive`, `ignored exempt`, `refused table-full` ... */
export function countReport({ reports }: Counters, via: string, result: string): void {
  const space = via.indexOf(' ')
  const word = space < 0 ? via : via.slice(0, space)
  const known = reports[word] ?? (Object.keys(reports).length < MAX_SOURCES ? {} : (reports.other ?? {}))
  if (reports[word] === undefined) reports[Object.keys(reports).length < MAX_SOURCES ? word : 'other'] = known
  known[result] = (known[result] ?? 0) + 1
}
