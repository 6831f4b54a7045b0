// Why an address may or may not relay, for people.
import type { Address } from '../lib/address.ts'
import { formatPrefix } from '../lib/prefix.ts'
import type { Authorization, Login } from './authorization.ts'
import { neverRelay } from './never-relay.ts'
import type { Unstored } from './recent.ts'
import type { RelayTable } from './relay-table.ts'
import type { Session } from './session.ts'
import { renews } from './sessions.ts'

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
  /** Connections from it, or from its network, that were reported and have not ended. */
  readonly sessions: readonly (Session & { readonly renews: boolean })[]
  /** Seconds since the epoch: what was reported before counts for nothing. */
  readonly revokedAt?: number
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
    return { ...context, action: 'tempfail', reason: `cannot tell: ${health.reason}`, authorizations: [], sessions: [] }
  }
  const revokedAt = table.sessions.revokedAt(table.keysOf(address))
  const about = { ...context, sessions: sessionsOf(table, address), ...(revokedAt === undefined ? {} : { revokedAt }) }
  const authorizations = table.keysOf(address).flatMap((key) => {
    const found = table.store.get(key)
    return found ? [{ ...found, logins: table.store.logins(key) }] : []
  })
  const live = authorizations.find(({ expiresAt }) => expiresAt >= table.now())
  if (live && !exempt) return { ...about, action: 'permit', reason: permitReason(address, live), authorizations }
  return { ...about, action: 'dunno', reason: dunnoReason(about, authorizations), authorizations }
}

const sessionsOf = (table: RelayTable, address: Address): Explanation['sessions'] =>
  table
    .keysOf(address)
    .flatMap((key) => table.sessions.of(key))
    .map((session) => ({ ...session, renews: renews(session, table.now(), table.policy.maxSession) }))

function permitReason(address: Address, { key, source }: Authorization): string {
  const network = (key as string) === address ? '' : ` for its network ${key}`
  return source.startsWith('permit ')
    ? `authorized by hand${network}: ${source}`
    : `a login was reported${network} by ${source}`
}

/** What became of a report that was answered and stored nowhere, in words. */
const UNSTORED: Readonly<Record<Unstored['reason'], string>> = {
  exempt: 'its login was ignored: exempt_networks named it',
  impossible: 'its login was ignored: no client can have that address',
  'own-server': 'its login was ignored: trusted_clients names it, and a mail server or proxy of our own is no client',
  anonymous: 'its login was ignored: anonymous logins prove nothing, anybody can make them',
  shared: 'its login was ignored: more than shared_users different users log in from it',
  'too-old': 'its login was ignored: the report came when its time was over',
  revoked: 'its login was ignored: it was revoked after that, and counts from the next login on',
  'untrusted-reporter': 'its login was refused: untrusted-reporter, a host that trusted_clients does not name',
  'forwarding-portmapper': 'its login was refused: forwarding-portmapper, through which anybody can report',
  'table-full': 'its login was refused: table-full, max_entries are stored',
}

function dunnoReason(
  {
    impossible,
    exempt,
    unstored,
    revokedAt,
  }: { impossible?: string; exempt?: string; unstored?: Unstored; revokedAt?: number },
  authorizations: readonly Authorization[],
): string {
  if (impossible) return `it is a ${impossible} address, which is never authorized`
  if (exempt) return `exempt_networks names ${exempt}: its logins are accepted and not stored`
  if (authorizations.length > 0) return 'its authorization has expired'
  if (unstored) return UNSTORED[unstored.reason]
  if (revokedAt !== undefined) return 'it was revoked, and nobody has logged in from it since'
  return 'no login was reported from it, or its authorization has expired'
}
