// What the portmapper is told: which version of DRAC is at which address, for each netid (RFC 5665 section 5.1).
import { isV6 } from '../../lib/address.ts'
import type { Endpoint, InetEndpoint } from '../../net/endpoint.ts'
import { DRACPROG, DRACVERS, DRACVERS6 } from '../../protocols/drac/add.ts'
import type { Rpcb } from '../../protocols/portmap/rpcbind.ts'
import { formatUniversalAddress } from '../../protocols/portmap/universal-address.ts'

export type Netid = 'udp' | 'tcp' | 'udp6' | 'tcp6'

export const netidOf = ({ transport, address }: InetEndpoint): Netid =>
  isV6(address) ? (transport === 'udp' ? 'udp6' : 'tcp6') : transport

export const isWildcard = ({ address }: InetEndpoint): boolean => address === '0.0.0.0' || address === '::'

/**
 * One endpoint for each netid, as a portmapper can name only one: one that listens on every address before others, one
 * that other hosts can reach before loopback, else the first.
 */
export function announced(endpoints: readonly Endpoint[]): ReadonlyMap<Netid, InetEndpoint> {
  const best = new Map<Netid, InetEndpoint>()
  for (const endpoint of endpoints) {
    if (endpoint.transport === 'unix') continue
    const known = best.get(netidOf(endpoint))
    if (known === undefined || reach(endpoint) > reach(known)) best.set(netidOf(endpoint), endpoint)
  }
  return best
}

/** Both versions at every announced endpoint. */
export const registrations = (endpoints: readonly Endpoint[]): Rpcb[] =>
  [...announced(endpoints)].flatMap(([netid, endpoint]) =>
    [DRACVERS, DRACVERS6].map((vers) => ({
      prog: DRACPROG,
      vers,
      netid,
      addr: formatUniversalAddress(endpoint),
      owner: '',
    })),
  )

function reach(endpoint: InetEndpoint): number {
  if (isWildcard(endpoint)) return 2
  return endpoint.address === '::1' || endpoint.address.startsWith('127.') ? 0 : 1
}
