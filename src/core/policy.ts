import type { Address } from '../lib/address.ts'
import { isV6 } from '../lib/address.ts'
import { fullWidth, type PrefixSet, type RelayKey, relayKey } from '../lib/prefix.ts'
import type { AuthorizationStore } from './authorization-store.ts'
import type { TrustedClients } from './trusted-clients.ts'

/** Who may report, what may be authorized, and for how long. Replaced whole on reload. */
export interface RelayPolicy {
  /** Seconds that one login permits relaying. */
  readonly lifetime: number
  /** Seconds; no report may ask for more. */
  readonly maxLifetime: number
  /** Width of the network that a login authorizes: 32 and 128 are the client's address alone. */
  readonly ipv4Prefix: number
  readonly ipv6Prefix: number
  readonly trustedClients: TrustedClients
  /** Never authorized, and never permitted even inside an authorized network. */
  readonly exemptNetworks: PrefixSet
  /** Seconds that a session counts as open without another word of it, unless its reporter says otherwise. */
  readonly sessionLease: number
  /** Seconds after its beginning that a session renews anything; then only a new login does. */
  readonly maxSession: number
  readonly shared: SharedPolicy
  /** This host's addresses, loopback excluded: what a call forwarded by our own portmapper seems to come from. */
  readonly ownAddresses: () => ReadonlySet<Address>
}

/** An address from which many different users log in is a gateway, not a user's. Times are seconds. */
export interface SharedPolicy {
  /** Different users within `window` that one address may have; 0: any number. */
  readonly users: number
  readonly window: number
  /** What a login from a shared address permits; 0: nothing. */
  readonly lifetime: number
}

/** What a login from this address authorizes. */
export const keyFor = (policy: RelayPolicy, client: Address): RelayKey =>
  relayKey(client, isV6(client) ? policy.ipv6Prefix : policy.ipv4Prefix)

/** Every key that an authorization of this address could have, the address itself first. Throws `tempfail`. */
export function keysOf(policy: RelayPolicy, store: AuthorizationStore, client: Address): RelayKey[] {
  const widths = store.widths(isV6(client) ? 6 : 4)
  const keys = [fullWidth(client), ...widths].map((width) => relayKey(client, width))
  return [...new Set([...keys, keyFor(policy, client)])]
}
