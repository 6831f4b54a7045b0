// From which address of this host to ask: one that may not relay by itself.
import { networkInterfaces } from 'node:os'
import { isV6, parseAddress } from '../../lib/address.ts'
import { type Prefix, PrefixSet, parsePrefix } from '../../lib/prefix.ts'

/** On Linux the whole of 127.0.0.0/8 is this host; no server trusts this one by name. */
const UNUSUAL = '127.114.99.1'
const LOOPBACK = new PrefixSet([parsePrefix('127.0.0.0/8'), parsePrefix('::1')])

export const isLoopback = (address: string): boolean => LOOPBACK.has(parseAddress(address))

/**
 * Addresses to try, the least likely to be trusted first, of the family of the server's address.
 * @param trusted networks that relay anyway: asking from there proves nothing
 */
export function sources(host: string, trusted: readonly Prefix[] | undefined): string[] {
  const family = host.includes(':') ? 'IPv6' : 'IPv4'
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => each.family === family && !each.internal && !each.address.startsWith('fe80'))
    .map(({ address }) => parseAddress(address))
  const known = new PrefixSet(trusted ?? [])
  const candidates = [...(family === 'IPv4' ? [parseAddress(UNUSUAL)] : []), ...own]
  return candidates.filter((address) => isV6(address) === (family === 'IPv6') && !known.has(address))
}
