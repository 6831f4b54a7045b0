import { IGNORED_REASONS, type IgnoredReason, type RefusedReason } from './login-event.ts'

/** How often each thing happened since the start. Plain numbers, counted where they happen. */
export interface Counters {
  added: number
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
  renewed: 0,
  expired: 0,
  revoked: 0,
  loggedOut: 0,
  ignored: Object.fromEntries(IGNORED_REASONS.map((reason) => [reason, 0])) as Record<IgnoredReason, number>,
  refused: { 'untrusted-reporter': 0, 'forwarding-portmapper': 0, 'table-full': 0 },
  storeFailures: 0,
  lookups: { permit: 0, dunno: 0, tempfail: 0 },
})
