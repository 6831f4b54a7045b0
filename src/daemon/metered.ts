import type { Observe } from '../admin/metrics.ts'
import type { Lookups, Users } from '../core/lookups.ts'
import type { Address } from '../lib/address.ts'
import type { RelayKey } from '../lib/prefix.ts'

/** The same answers, with verdict and time told. */
export function metered(lookups: Lookups & Users, observe: Observe | undefined): Lookups & Users {
  if (observe === undefined) return lookups
  return {
    lookup(client: Address) {
      const start = performance.now()
      try {
        const verdict = lookups.lookup(client)
        observe(verdict.action, (performance.now() - start) / 1000)
        return verdict
      } catch (error) {
        observe('tempfail', (performance.now() - start) / 1000)
        throw error
      }
    },
    logins: (key: RelayKey) => lookups.logins(key),
  }
}
