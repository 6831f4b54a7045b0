// Addresses that are never a relay client, whoever reports them: RFC 6890 and RFC 4291.
import type { Address } from '../lib/address.ts'
import { PrefixSet, parsePrefix, relayKey } from '../lib/prefix.ts'

/**
 * Only what cannot be a client of a mail server on the network. Private, 100.64/10 and documentation addresses are
 * ordinary clients: whoever wants them out names them in exempt_networks.
 */
const NEVER = new Map([
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
])

const networks = new PrefixSet([...NEVER.keys()].map(parsePrefix))
const kinds = new Map(
  [...NEVER].map(([text, kind]) => {
    const { network, width } = parsePrefix(text)
    return [relayKey(network, width), kind] as const
  }),
)

/** `loopback`, `multicast`, ...: why this address can never be authorized; nothing for an ordinary one. */
export function neverRelay(address: Address): string | undefined {
  const prefix = networks.find(address)
  return prefix && kinds.get(relayKey(prefix.network, prefix.width))
}
