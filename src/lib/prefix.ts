// Networks in CIDR notation, RFC 4632 and RFC 4291 section 2.3.
import { type Address, addressFromOctets, isV6, octetsOf, parseAddress, uint32OfIPv4 } from './address.ts'
import { malformed } from './errors.ts'

export interface Prefix {
  /** The network's first address: every bit after `width` is zero. */
  readonly network: Address
  /** 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly width: number
}

/** What the relay table files an authorization under: an address (`192.0.2.25`) or a network (`2001:db8:1:2::/64`). */
export type RelayKey = string & { readonly __relayKey: unique symbol }

export const fullWidth = (address: Address): 32 | 128 => (isV6(address) ? 128 : 32)

/** `192.0.2.0/24`, `2001:db8::/32` or one address. Throws `malformed` DRAC_PREFIX, for host bits that are set too. */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/')
  const host = parseAddress(slash < 0 ? text : text.slice(0, slash))
  const full = fullWidth(host)
  const digits = slash < 0 ? String(full) : text.slice(slash + 1)
  const width = Number(digits)
  if (!/^\d{1,3}$/.test(digits) || width > full) {
    throw malformed('DRAC_PREFIX', `${JSON.stringify(text)}: the width after "/" must be 0 to ${full}`)
  }
  const network = networkOf(host, width)
  if (network !== host) {
    throw malformed(
      'DRAC_PREFIX',
      `${JSON.stringify(text)}: bits after /${width} are set; the network is ${network}/${width}`,
    )
  }
  return { network, width }
}

/** The address with every bit after `width` cleared. */
export function networkOf(address: Address, width: number): Address {
  if (width >= fullWidth(address)) return address
  const octets = octetsOf(address)
  for (let bit = width; bit < octets.length * 8; bit++) octets[bit >> 3]! &= ~(0x80 >> (bit & 7))
  // A cleared address may look IPv4-mapped only for ::ffff:0:0/96 itself, which no Address is in.
  return addressFromOctets(octets)
}

/** The key of the network of `width` bits around `address`; the bare address at full width. */
export function relayKey(address: Address, width: number): RelayKey {
  return (width >= fullWidth(address) ? address : `${networkOf(address, width)}/${width}`) as RelayKey
}

/** An address or a prefix as an operator types it, as a key. Throws `malformed`. */
export function parseRelayKey(text: string): RelayKey {
  const { network, width } = parsePrefix(text)
  return relayKey(network, width)
}

/** The prefix that a key stands for. */
export function prefixOfKey(key: RelayKey): Prefix {
  const slash = key.indexOf('/')
  if (slash < 0) return { network: key as string as Address, width: fullWidth(key as string as Address) }
  return { network: key.slice(0, slash) as Address, width: Number(key.slice(slash + 1)) }
}

/** Whether an address, or a whole network, lies in this one. */
export function containsKey({ network, width }: Prefix, key: RelayKey): boolean {
  const inside = prefixOfKey(key)
  const sameFamily = isV6(inside.network) === isV6(network)
  return sameFamily && inside.width >= width && networkOf(inside.network, width) === network
}

/** A set of networks, asked by address: one hash look-up for each width in use, for IPv4 of a number. */
export class PrefixSet {
  readonly #keys = new Map<RelayKey, Prefix>()
  /** Width -> the bits of each network, shifted down. */
  readonly #networks4 = new Map<number, Map<number, Prefix>>()
  readonly #widths6: readonly number[]

  constructor(prefixes: Iterable<Prefix>) {
    for (const prefix of prefixes) this.#keys.set(relayKey(prefix.network, prefix.width), prefix)
    const all = [...this.#keys.values()]
    this.#widths6 = [...new Set(all.filter(({ network }) => isV6(network)).map(({ width }) => width))]
    for (const prefix of all.filter(({ network }) => !isV6(network))) {
      const networks = this.#networks4.get(prefix.width) ?? new Map<number, Prefix>()
      this.#networks4.set(prefix.width, networks.set(networkBits(uint32OfIPv4(prefix.network), prefix.width), prefix))
    }
  }

  /** The network of the set that holds `address`, if one does. */
  find(address: Address): Prefix | undefined {
    return isV6(address) ? this.#find6(address) : this.#find4(address)
  }

  #find4(address: Address): Prefix | undefined {
    if (this.#networks4.size === 0) return undefined
    const value = uint32OfIPv4(address)
    for (const [width, networks] of this.#networks4) {
      const found = networks.get(networkBits(value, width))
      if (found) return found
    }
    return undefined
  }

  #find6(address: Address): Prefix | undefined {
    for (const width of this.#widths6) {
      const found = this.#keys.get(relayKey(address, width))
      if (found) return found
    }
    return undefined
  }

  has(address: Address): boolean {
    return this.find(address) !== undefined
  }

  /** True when the set holds all or any part of this network. */
  touches({ network, width }: Prefix): boolean {
    if (this.has(network)) return true
    return [...this.#keys.keys()].some((inside) => containsKey({ network, width }, inside))
  }

  get size(): number {
    return this.#keys.size
  }
}

export const formatPrefix = ({ network, width }: Prefix): string => `${network}/${width}`

/** The first `width` bits. Shifting by 32 shifts by 0 in JavaScript. */
const networkBits = (value: number, width: number): number => (width === 0 ? 0 : value >>> (32 - width))
