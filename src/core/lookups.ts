// What the look-up front ends need of the relay table.
import type { Address } from '../lib/address.ts'
import type { RelayKey } from '../lib/prefix.ts'
import type { Login } from './authorization.ts'
import type { Verdict } from './verdict.ts'

/** Throws `tempfail` when it cannot tell. */
export interface Lookups {
  lookup(client: Address): Verdict
}

/** For front ends that say who it was. Throws `tempfail` when it cannot tell. */
export interface Users {
  /** Who logged in from an authorized address or network, in any order. */
  logins(key: RelayKey): readonly Login[]
}

/** Who logged in last. Undefined when no report named anybody, as DRAC's own reports never do. */
export function recentUser(logins: readonly Login[]): string | undefined {
  let latest: Login | undefined
  for (const login of logins) {
    if (login.user !== '' && (latest === undefined || login.lastSeen > latest.lastSeen)) latest = login
  }
  return latest?.user
}
