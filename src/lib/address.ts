// IP addresses. Text from outside becomes an Address once; inside nobody checks again.
import { isIPv4, isIPv6 } from 'node:net'
import { malformed } from './errors.ts'

/**
 * An IPv4 address as a dotted quad, or an IPv6 address in RFC 5952 text. One client has one spelling:
 * `::ffff:a.b.c.d` is `a.b.c.d`, and scope ids are refused.
 */
export type Address = string & { readonly __address: unique symbol }

/** Throws `malformed` DRAC_ADDRESS for anything but one plain IP address. */
export function parseAddress(text: string): Address {
  if (isIPv4(text)) return text as Address
  if (!isIPv6(text) || text.includes('%')) throw malformed('DRAC_ADDRESS', `not an IP address: ${JSON.stringify(text)}`)
  return addressFromOctets(octetsOfIPv6(text))
}

/** @param octets 4 or 16 bytes in network order; IPv4-mapped IPv6 comes out as IPv4 */
export function addressFromOctets(octets: Uint8Array): Address {
  if (octets.length === 4) return `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}` as Address
  if (octets.length !== 16) throw malformed('DRAC_ADDRESS', `an address of ${octets.length} octets`)
  if (isMapped(octets)) return addressFromOctets(octets.subarray(12))
  return compress(groupsOf(octets)) as Address
}

/** @param value the IPv4 address as a number, 192.0.2.25 = 0xc0000219 */
export function addressFromUint32(value: number): Address {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}` as Address
}

/** 4 or 16 octets in network order. */
export function octetsOf(address: Address): Uint8Array {
  if (isV6(address)) return octetsOfIPv6(address)
  const value = uint32OfIPv4(address)
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** The IPv4 address as a number. Every report and look-up passes here; splitting the text takes ten times as long. */
export function uint32OfIPv4(address: Address): number {
  let value = 0
  let octet = 0
  for (let i = 0; i < address.length; i++) {
    const digit = address.charCodeAt(i) - 0x30
    if (digit >= 0) octet = octet * 10 + digit
    else {
      value = (value << 8) | octet
      octet = 0
    }
  }
  return ((value << 8) | octet) >>> 0
}

/** True for IPv6; a mapped address never is, because it was folded when it was parsed. */
export const isV6 = (address: Address): boolean => address.includes(':')

/** Eight groups of up to four hexadecimal digits, nothing compressed: `2001:db8:0:0:0:0:0:5`, as sendmail asks. */
export const uncompressed = (address: Address): string =>
  groupsOf(octetsOfIPv6(address))
    .map((group) => group.toString(16))
    .join(':')

function groupsOf(octets: Uint8Array): number[] {
  return Array.from({ length: 8 }, (_, i) => (octets[2 * i]! << 8) | octets[2 * i + 1]!)
}

function isMapped(octets: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (octets[i] !== 0) return false
  return octets[10] === 0xff && octets[11] === 0xff
}

/** RFC 5952 section 4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
function compress(groups: readonly number[]): string {
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === 0) end++
    if (end - i > length) [start, length] = [i, end - i]
    i = Math.max(i, end - 1)
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

function octetsOfIPv6(text: string): Uint8Array {
  const octets = new Uint8Array(16)
  let rest = text
  const quad = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (quad) {
    const [a, b, c, d] = quad.slice(2).map(Number) as [number, number, number, number]
    rest = `${quad[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  }
  const [head = '', tail] = rest.split('::')
  const groups = (part: string | undefined): number[] =>
    part ? part.split(':').map((g) => Number.parseInt(g, 16)) : []
  const [left, right] = [groups(head), groups(tail)]
  const put = (group: number, at: number): void => {
    octets[2 * at] = group >> 8
    octets[2 * at + 1] = group & 255
  }
  left.forEach(put)
  right.forEach((group, i) => {
    put(group, 8 - right.length + i)
  })
  return octets
}

/** What the system calls a peer's address becomes an Address; a scope id (`%eth0`) is dropped: it names our link, not the peer. */
export function addressOfPeer(peer: string): Address {
  const percent = peer.indexOf('%')
  return parseAddress(percent < 0 ? peer : peer.slice(0, percent))
}
