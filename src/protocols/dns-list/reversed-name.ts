// Names of a DNS list, RFC 5782 sections 2.1 and 2.4: 5.2.0.192.ZONE, and 32 nibbles of an IPv6 address.
import { type Address, addressFromOctets, isV6, octetsOf } from '../../lib/address.ts'

/** What the labels before the zone stand for. */
export interface Reversed {
  readonly address?: Address
  /**
   * Whether longer names of addresses end in these labels. Such a name exists although it has no records, and NXDOMAIN
   * would say that nothing exists below it (RFC 8020): resolvers that ask label by label (RFC 9156) would stop there.
   */
  readonly hasNamesBelow: boolean
}

const OCTET = /^(0|[1-9]\d{0,2})$/
const NIBBLE = /^[\da-f]$/

/** @param labels those before the zone, in lower case, joined by dots */
export function readReversed(labels: string): Reversed {
  const parts = labels.split('.')
  const octets = parts.every((part) => OCTET.test(part) && Number(part) < 256)
  const nibbles = parts.every((part) => NIBBLE.test(part))
  const hasNamesBelow = (octets && parts.length < 4) || (nibbles && parts.length < 32)
  if (octets && parts.length === 4) return { address: v4(parts), hasNamesBelow }
  return nibbles && parts.length === 32 ? { address: v6(parts), hasNamesBelow } : { hasNamesBelow }
}

/** The labels before the zone. */
export function reversedName(address: Address): string {
  if (!isV6(address)) return address.split('.').reverse().join('.')
  return [...Buffer.from(octetsOf(address)).toString('hex')].reverse().join('.')
}

const v4 = (parts: readonly string[]): Address => addressFromOctets(Uint8Array.from(parts.toReversed(), Number))
const v6 = (parts: readonly string[]): Address => addressFromOctets(Buffer.from(parts.toReversed().join(''), 'hex'))
