import type { RelayKey } from '../lib/prefix.ts'

/** One address or network that may relay. All times are whole seconds since the epoch. */
export interface Authorization {
  readonly key: RelayKey
  /** The last second that still permits: rpc.dracd deletes an entry whose expiry is `< now`. */
  readonly expiresAt: number
  readonly firstSeen: number
  readonly lastSeen: number
  /** The latest report: which front end it came through, and from where: `drac-rpc 127.0.0.1`, `permit by root`. */
  readonly source: string
}

/** Somebody who logged in from an authorized address; kept only when the report names a user. */
export interface Login {
  readonly user: string
  readonly source: string
  readonly lastSeen: number
  readonly note?: string
}
