// Who may report logins.
import { type Address, isV6, octetsOf, parseAddress } from '../lib/address.ts'
import { configError } from '../lib/errors.ts'
import { formatPrefix, fullWidth, type Prefix, PrefixSet } from '../lib/prefix.ts'

/** Hosts whose reports are believed. */
export interface TrustedClients {
  /** The rule that trusts this host, for people; nothing when it is not trusted. */
  find(reporter: Address): string | undefined
  /** Whether this very host is named, rather than a network that it is in: a mail server or proxy of our own. */
  names(host: Address): boolean
}

/** trusted_clients: addresses and networks. */
export function trustNetworks(prefixes: readonly Prefix[]): TrustedClients {
  const set = new PrefixSet(prefixes)
  const hosts = new PrefixSet(prefixes.filter(({ network, width }) => width === fullWidth(network)))
  return {
    find(reporter) {
      const prefix = set.find(reporter)
      return prefix && `trusted_clients ${formatPrefix(prefix)}`
    },
    names: (host) => hosts.has(host),
  }
}

/** What a missing allow file has always meant: loopback and this host's own addresses. */
export function trustOwnHost(ownAddresses: () => ReadonlySet<Address>): TrustedClients {
  return {
    find: (reporter) => (ownAddresses().has(reporter) || isLoopback(reporter) ? "this host's own address" : undefined),
    names: () => false,
  }
}

export const isLoopback = (address: Address): boolean => address.startsWith('127.') || address === '::1'

interface Rule {
  readonly mask: Uint8Array
  readonly address: Uint8Array
  readonly line: number
}

export interface AllowFile {
  readonly trusted: TrustedClients
  /** Lines that do nothing, for the log: host bits are set, so that no client can match. */
  readonly warnings: readonly string[]
}

/**
 * dracd.allow: lines `netmask netaddr`, `#` comments; a client is trusted when `(client & netmask) == netaddr`, with
 * any mask, contiguous or not (rpc.dracd(8)). Present and empty: nobody. The original ignored what it could not read;
 * here such a line is a `config` error, and so is a mask of zero: it would trust the whole Internet.
 * Both fields may be IPv6, which the original had no line for.
 */
export function parseAllowFile(text: string, path: string): AllowFile {
  const warnings: string[] = []
  const rules: Rule[] = []
  text.split('\n').forEach((raw, index) => {
    const line = raw.replace(/#.*/, '').trim()
    if (line === '') return
    const rule = parseRule(line, `${path}:${index + 1}`, index + 1)
    if (rule.address.some((octet, i) => (octet & ~rule.mask[i]! & 255) !== 0)) {
      warnings.push(`${path}:${index + 1}: "${line}" can match nobody: the address has bits that the netmask clears`)
    }
    rules.push(rule)
  })
  const find = (reporter: Address): string | undefined => {
    const octets = octetsOf(reporter)
    const rule = rules.find((r) => matches(r, octets))
    return rule && `${path}:${rule.line}`
  }
  const hosts = rules.filter(({ mask }) => mask.every((octet) => octet === 255))
  const names = (host: Address): boolean => hosts.some((rule) => matches(rule, octetsOf(host)))
  return { trusted: { find, names }, warnings }
}

function matches({ mask, address }: Rule, octets: Uint8Array): boolean {
  return octets.length === mask.length && octets.every((octet, i) => (octet & mask[i]!) === address[i])
}

function parseRule(line: string, where: string, number: number): Rule {
  const fields = line.split(/\s+/)
  const cure = 'write "netmask netaddr", as in "255.255.255.255 192.0.2.10"'
  if (fields.length !== 2)
    throw configError('DRAC_ALLOW_FILE', `${where}: ${JSON.stringify(line)} is not a rule; ${cure}`)
  const [mask, address] = fields.map((field) => {
    try {
      return parseAddress(field)
    } catch (cause) {
      throw configError('DRAC_ALLOW_FILE', `${where}: ${JSON.stringify(field)} is not an IP address; ${cure}`, cause)
    }
  }) as [Address, Address]
  if (isV6(mask) !== isV6(address)) {
    throw configError('DRAC_ALLOW_FILE', `${where}: netmask and address are of different families; ${cure}`)
  }
  const octets = octetsOf(mask)
  if (octets.every((octet) => octet === 0)) {
    throw configError(
      'DRAC_ALLOW_FILE',
      `${where}: a netmask of ${mask} trusts every host on the Internet to open this relay; name the mail servers instead`,
    )
  }
  return { mask: octets, address: octetsOf(address), line: number }
}
