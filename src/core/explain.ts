// Why an address may or may not relay, for people.
import type { Address } from '../lib/address.ts'
import { formatPrefix } from '../lib/prefix.ts'
import type { Authorization, Login } from './authorization.ts'
import { neverRelay } from './never-relay.ts'
import type { Unstored } from './recent.ts'
import type { RelayTable } from './relay-table.ts'

export interface Explanation {
  readonly address: Address
  readonly action: 'permit' | 'dunno' | 'tempfail'
  /** One sentence for people. */
  readonly reason: string
  /** Everything stored that covers the address, expired entries that await the sweep included. */
  readonly authorizations: readonly (Authorization & { readonly logins: readonly Login[] })[]
  /** The entry of exempt_networks that holds it. */
  readonly exempt?: string
  /** `loopback`, `multicast` ...: what makes it no relay client at all. */
  readonly impossible?: string
  /** Reports for it that were stored nowhere. */
  readonly unstored?: Unstored
}

/** Asks the table as an MTA would, and says why. Counts as no look-up. */
export function explain(table: RelayTable, address: Address): Explanation {
  const impossible = neverRelay(address)
  const exempt = table.policy.exemptNetworks.find(address)
  const unstored = table.unstored.get(address)
  const context = {
    address,
    ...(impossible === undefined ? {} : { impossible }),
    ...(exempt === undefined ? {} : { exempt: formatPrefix(exempt) }),
    ...(unstored === undefined ? {} : { unstored }),
  }
  const health = table.store.health()
  if (health.state === 'down') {
    return { ...context, action: 'tempfail', reason: `cannot tell: ${health.reason}`, authorizations: [] }
  }
  const authorizations = table.keysOf(address).flatMap((key) => {
    const found = table.store.get(key)
    return found ? [{ ...found, logins: table.store.logins(key) }] : []
  })
  const live = authorizations.find(({ expiresAt }) => expiresAt >= table.now())
  if (live && !exempt) return { ...context, action: 'permit', reason: permitReason(address, live), authorizations }
  return { ...context, action: 'dunno', reason: dunnoReason(context, authorizations), authorizations }
}

function permitReason(address: Address, { key, source }: Authorization): string {
  const network = (key as string) === address ? '' : ` for its network ${key}`
  return source.startsWith('permit ')
    ? `authorized by hand${network}: ${source}`
    : `a login was reported${network} by ${source}`
}

function dunnoReason(
  { impossible, exempt, unstored }: { impossible?: string; exempt?: string; unstored?: Unstored },
  authorizations: readonly Authorization[],
): string {
  if (impossible) return `it is a ${impossible} address, which is never authorized`
  if (exempt) return `exempt_networks names ${exempt}: its logins are accepted and not stored`
  if (authorizations.length > 0) return 'its authorization has expired'
  if (unstored) return `its login was refused: ${unstored.reason}`
  return 'no login was reported from it, or its authorization has expired'
}
