// The keys under which an MTA may ask for one client.
import type { MapConfig } from './map-config.ts'

/**
 * The keys in a database file, by the setting `key`.
 *
 * address: IPv4 has one spelling. IPv6 has every one that sendmail asks for: uncompressed, or compressed when it is
 * built or told to (UseCompressedIPv6Addresses); bare when the ruleset strips the tag (which compressed is how Postfix,
 * OpenSMTPD and Exim's ${lookup} ask), otherwise with `ipv6:` after it folded the key to lower case, or `IPv6:` when its
 * K line has -f.
 *
 * cidr: the same with "/32" or "/128" after each, as rpc.dracd built with CIDR_KEY writes.
 *
 * exim: compressed for ${lookup}, and as a host list asks (net-cdb, net-dbm ...); a network for net64-cdb and its like.
 * @param client an Address (RFC 5952 text, or a dotted quad) or, for exim, a network
 */
export function spellings(client: string, key: MapConfig['key']): string[] {
  if (key === 'exim') return eximKeys(client)
  if (!client.includes(':')) return [key === 'cidr' ? withWidth(client) : client]
  const compressed = key === 'cidr' ? withWidth(client) : client
  const full = key === 'cidr' ? withWidth(uncompress(client)) : uncompress(client)
  return full === compressed ? tagged(full) : [...tagged(compressed), ...tagged(full)]
}

const tagged = (bare: string): string[] => [bare, `ipv6:${bare}`, `IPv6:${bare}`]

/**
 * As a text that postmap or makemap reads: they fold keys to lower case and complain of one that comes twice, so `ipv6:`
 * stands for both tags.
 */
export function textSpellings(address: string): string[] {
  if (!address.includes(':')) return [address]
  const full = uncompress(address)
  return (full === address ? [full] : [address, full]).flatMap((bare) => [bare, `ipv6:${bare}`])
}

function eximKeys(client: string): string[] {
  if (!client.includes(':')) return [client]
  return client.includes('/') ? [dotted(client)] : [client, dotted(client)]
}

/**
 * How Exim asks for an IPv6 address in a host list (spec, "net-" look-ups): eight groups of four digits with dots
 * between, `2001.0db8.0000.0000.0000.0000.0000.0005`; the width of a network after that.
 */
export function dotted(client: string): string {
  const [address, width] = client.split('/') as [string, string?]
  const groups = uncompress(address).split(':')
  return groups.map((group) => group.padStart(4, '0')).join('.') + (width === undefined ? '' : `/${width}`)
}

/**
 * As tcpserver of ucspi-tcp-ipv6 asks: it writes the first zero group as `::` when it stands alone, too, which RFC 5952
 * (section 4.2.2) does not.
 */
export function tcpserverSpellings(address: string): string[] {
  if (!address.includes(':') || address.includes('::')) return [address]
  const groups = address.split(':')
  const zero = groups.indexOf('0')
  if (zero < 0) return [address]
  return [address, `${groups.slice(0, zero).join(':')}::${groups.slice(zero + 1).join(':')}`]
}

/** In CIDR notation, an address too. */
export function withWidth(client: string): string {
  if (client.includes('/')) return client
  return client.includes(':') ? `${client}/128` : `${client}/32`
}

/** As `uncompressed` of lib/address.ts, on text alone: maps spell a hundred thousand at a time. */
function uncompress(address: string): string {
  const gap = address.indexOf('::')
  if (gap < 0) return address
  const head = address.slice(0, gap)
  const tail = address.slice(gap + 2)
  const groups = (head === '' ? 0 : 1 + colons(head)) + (tail === '' ? 0 : 1 + colons(tail))
  const zeros = ZEROS.slice(0, 2 * (8 - groups) - 1)
  return `${head}${head && ':'}${zeros}${tail && ':'}${tail}`
}

const ZEROS = '0:0:0:0:0:0:0:0'
const COLON = 0x3a

function colons(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === COLON) count++
  return count
}
