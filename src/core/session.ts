import type { Address } from '../lib/address.ts'
import type { RelayKey } from '../lib/prefix.ts'

/** One connection that somebody has logged in through. Times are seconds since the epoch. */
export interface Session {
  /** Unique: the source, a space and the server's own name for the connection. */
  readonly id: string
  readonly key: RelayKey
  readonly client: Address
  readonly user?: string
  readonly source: string
  readonly openedAt: number
  /** The last second that it counts as open without another word of it. */
  readonly leaseUntil: number
  /**
   * Of a session whose login can be withdrawn: until when the address may relay without it, 0 for not at all. Such a
   * session renews nothing.
   */
  readonly floor?: number
}

/** Everything that the store keeps of sessions. */
export interface SessionRows {
  readonly sessions: readonly Session[]
  /** Keys that were revoked, with the time: only a login after it counts. */
  readonly revocations: ReadonlyMap<RelayKey, number>
}
