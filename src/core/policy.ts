import type { Address } from '../lib/address.ts'
import { isV6 } from '../lib/address.ts'
import { type PrefixSet, type RelayKey, relayKey } from '../lib/prefix.ts'
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
  /** This host's addresses, loopback excluded: what a call forwarded by our own portmapper seems to come from. */
  readonly ownAddresses: () => ReadonlySet<Address>
}

/** What a login from this address authorizes. */
export const keyFor = (policy: RelayPolicy, client: Address): RelayKey =>
  relayKey(client, isV6(client) ? policy.ipv6Prefix : policy.ipv4Prefix)
