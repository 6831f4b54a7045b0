// What the configuration of a mail server depends on: where dracd answers and what it writes, as its settings say.
import { isV6, parseAddress } from '../lib/address.ts'
import type { Endpoint, InetEndpoint } from '../net/endpoint.ts'

/** Tables of the settings file whose `listen` a mail server can be told: MTAs to ask, POP and IMAP servers to report. */
export type LookupName = 'socketmap' | 'tcp_table' | 'policy' | 'readsocket' | 'dns_list' | 'whoson'
export type ReportName = 'drac_rpc' | 'http' | 'report' | 'cyrus'

/** One [[map]]. */
export interface MapFacts {
  readonly path: string
  readonly format: string
  readonly key: string
  readonly value: string
  readonly nul: boolean
  /** Run after each replacement; empty: none. */
  readonly command: string
}

/** One [[poll]]. */
export interface PollFacts {
  readonly server: string
  /** Empty when there is a command, given or usual. */
  readonly url: string
}

/** One [[log]]. */
export interface LogFacts {
  readonly path: string
  readonly journal: readonly string[]
  /** Empty: all. */
  readonly servers: readonly string[]
}

export interface DracFacts {
  readonly endpoints: Readonly<Record<LookupName | ReportName, readonly Endpoint[]>>
  /** [http] report_token_file, else token_file; empty: none. */
  readonly tokenFile: string
  /** Whether LOGIN and LOGOUT are taken over WHOSON. */
  readonly whosonLogins: boolean
  /** Who may use the sockets of [report] and [cyrus]; empty: nobody but dracd's own user. */
  readonly reportGroup: string
  readonly polls: readonly PollFacts[]
  readonly logs: readonly LogFacts[]
  /** The zone of the DNS list. */
  readonly zone: string
  readonly maps: readonly MapFacts[]
  /** The database, whose view `relay` MTAs may read. */
  readonly store: string
  /** Widths below 32 and 128 authorize networks, which exact-key maps and the database cannot be asked for. */
  readonly ipv4Prefix: number
  readonly ipv6Prefix: number
}

/** Where to ask, with the lines that dracd's settings lack for it; none when it listens there already. */
export interface Asked<T> {
  readonly at: T
  readonly settings: readonly string[]
}

/**
 * The endpoint to ask: one that is switched on, of the first transport of `transports` that has one, else `proposal`.
 * Port 0 is no port that configuration can name, and "every address" is asked on loopback.
 */
export function endpointFor(
  facts: DracFacts,
  name: LookupName | ReportName,
  transports: readonly Endpoint['transport'][],
  proposal: Endpoint,
): Asked<Endpoint> {
  const usable = facts.endpoints[name].filter((each) => each.transport === 'unix' || each.port !== 0)
  for (const transport of transports) {
    const found = usable.find((each) => each.transport === transport)
    if (found) return { at: reachable(found), settings: [] }
  }
  return { at: proposal, settings: [`[${name}]`, `listen = ${listen(facts.endpoints[name], proposal)}`] }
}

/** The endpoints that stay and the new one, as TOML. */
function listen(present: readonly Endpoint[], proposal: Endpoint): string {
  const kept = present.filter((each) => each.transport === 'unix' || each.port !== 0)
  return `[${[...kept, proposal].map((each) => JSON.stringify(text(each))).join(', ')}]`
}

const text = (each: Endpoint): string =>
  each.transport === 'unix' ? `unix:${each.path}` : `${each.transport}:${hostOf(each)}:${each.port}`

function reachable(endpoint: Endpoint): Endpoint {
  if (endpoint.transport === 'unix') return endpoint
  const { address } = endpoint
  if (address === '0.0.0.0') return { ...endpoint, address: parseAddress('127.0.0.1') }
  return address === '::' ? { ...endpoint, address: parseAddress('::1') } : endpoint
}

/** The address as it stands before `:PORT`. */
export const hostOf = ({ address }: InetEndpoint): string => (isV6(address) ? `[${address}]` : address)

/** The map to read: the first that fits, else the lines of a new one. */
export function mapFor(
  facts: DracFacts,
  fits: (map: MapFacts) => boolean,
  proposal: Partial<MapFacts>,
): Asked<MapFacts> {
  const found = facts.maps.find(fits)
  if (found) return { at: found, settings: [] }
  const at = { path: '', format: 'btree', key: 'address', value: 'expiry', nul: false, command: '', ...proposal }
  const lines = Object.entries(proposal).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return { at, settings: ['[[map]]', ...lines] }
}

/** What exact keys miss, in words; undefined when each login authorizes one address. */
export function missedNetworks({ ipv4Prefix, ipv6Prefix }: DracFacts): string | undefined {
  const wide = [
    ...(ipv4Prefix < 32 ? [`ipv4_prefix = ${ipv4Prefix}`] : []),
    ...(ipv6Prefix < 128 ? [`ipv6_prefix = ${ipv6Prefix}`] : []),
  ]
  if (wide.length === 0) return undefined
  return `${wide.join(' and ')}: this way asks for single addresses and does not find the networks that are authorized; use a live look-up`
}
