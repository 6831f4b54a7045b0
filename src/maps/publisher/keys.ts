// The keys under which an MTA may ask for one client.
import type { MapConfig } from './map-config.ts'

/**
 * IPv4 has one spelling. IPv6 has every one that sendmail asks for: uncompressed, or compressed when it is built or
 * told to (UseCompressedIPv6Addresses); bare when the ruleset strips the tag (which is also how Postfix and Exim ask),
 * otherwise with `ipv6:` after it folded the key to lower case, or `IPv6:` when its K line has -f.
 * @param address an Address: RFC 5952 text, or a dotted quad
 */
export function spellings(address: string, key: MapConfig['key']): string[] {
  if (!address.includes(':')) return [key === 'cidr' ? `${address}/32` : address]
  const compressed = key === 'cidr' ? `${address}/128` : address
  const full = key === 'cidr' ? `${uncompress(address)}/128` : uncompress(address)
  const tagged = (bare: string): string[] => [bare, `ipv6:${bare}`, `IPv6:${bare}`]
  return full === compressed ? tagged(full) : [...tagged(compressed), ...tagged(full)]
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
