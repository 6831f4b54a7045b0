/** How often each thing happened since the start. Plain numbers, counted where they happen. */
export interface Counters {
  added: number
  renewed: number
  expired: number
  revoked: number
  ignored: { exempt: number; impossible: number }
  refused: { 'untrusted-reporter': number; 'forwarding-portmapper': number; 'table-full': number }
  /** Reports that could not be stored. */
  storeFailures: number
  lookups: { permit: number; dunno: number; tempfail: number }
}

export const newCounters = (): Counters => ({
  added: 0,
  renewed: 0,
  expired: 0,
  revoked: 0,
  ignored: { exempt: 0, impossible: 0 },
  refused: { 'untrusted-reporter': 0, 'forwarding-portmapper': 0, 'table-full': 0 },
  storeFailures: 0,
  lookups: { permit: 0, dunno: 0, tempfail: 0 },
})
