import type { StoreHealth } from '../core/authorization-store.ts'
import type { Counters } from '../core/counters.ts'

/** One map file, as its publisher tells. */
export interface MapStatusView {
  readonly path: string
  readonly format: string
  readonly entries: number
  /** Seconds since the oldest change that is not in the file yet; 0 when it is up to date. */
  readonly lag: number
  readonly [detail: string]: unknown
}

/** A server that is asked who is connected. */
export interface PollView {
  readonly name: string
  /** The command or the URL. */
  readonly from: string
  readonly interval: number
  /** The last poll that succeeded; null: none yet. */
  readonly polled_at: number | null
  readonly connections: number
  /** Of the last poll; null when it succeeded. */
  readonly error: string | null
  /** Polls that failed in a row, the last one included. */
  readonly failures: number
}

/** One log that is followed. Times are seconds since the epoch. */
export interface LogStatusView {
  /** The path, or `journal` and the units. */
  readonly log: string
  /** Whose lines are read; none for all. */
  readonly servers: readonly string[]
  /** The file is not there. */
  readonly waiting: boolean
  /** Since it was followed first, over restarts; events are logins and logouts; overlong lines were dropped. */
  readonly lines: number
  readonly events: number
  readonly overlong: number
  readonly last_event_at?: number
  /** Of a file: up to where it was read, and how many bytes come after that. */
  readonly offset?: number
  readonly behind?: number
  readonly error?: string
  readonly failing_since?: number
}

/** Everything `drac status` shows. Times are seconds since the epoch. */
export interface StatusView {
  readonly version: string
  readonly pid: number
  readonly started_at: number
  readonly now: number
  readonly store: StoreHealth & { readonly path: string }
  /** Stored entries, expired ones that await the sweep included; null while the store is down. */
  readonly entries: number | null
  readonly max_entries: number
  /** Connections that were reported and have not ended. */
  readonly sessions: number
  readonly lifetime: number
  /** Seconds since the table was last looked through for what has expired. */
  readonly expiry_lag: number
  readonly endpoints: Readonly<Record<string, readonly string[]>>
  readonly portmapper: {
    readonly mode: string
    /** Whether every client that asks finds us. */
    readonly registered: boolean
    /** It makes calls for strangers: addresses of this host are not believed over UDP. */
    readonly forwards: boolean
    readonly reason: string
  }
  readonly counters: Counters
  /** Per second, over the last minute. */
  readonly rates: { readonly reports: number; readonly lookups: number }
  readonly maps: readonly MapStatusView[]
  readonly polls: readonly PollView[]
  readonly logs: readonly LogStatusView[]
}
