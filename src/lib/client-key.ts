// The keys by which mail servers ask for a client: one address, many spellings.
import { isIPv4, isIPv6 } from 'node:net'
import { type Address, parseAddress } from './address.ts'

/** Before an IPv6 address in sendmail's ${client_addr} and in RFC 5321 address literals; sendmail's maps fold it to lower case. */
const TAG = /^ipv6:/i
/** `[IPv6:` and the longest spelling of an address and `]` are 53. */
const MAX_KEY = 64

/**
 * The address that a look-up key means: any spelling of an IP address, in brackets or not, an IPv6 one with `IPv6:`
 * before it or not (`[IPv6:2001:db8::5]` has both). Undefined for anything else: host names, which Postfix asks for
 * first, networks, scope ids, the empty key. Never throws.
 */
export function clientOfKey(key: string): Address | undefined {
  if (isIPv4(key)) return key as Address
  if (key.length > MAX_KEY) return undefined
  const literal = unbracketed(key)
  if (isIPv4(literal)) return literal as Address
  const text = unbracketed(literal.replace(TAG, ''))
  return isIPv6(text) && !text.includes('%') ? parseAddress(text) : undefined
}

const unbracketed = (text: string): string => (text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text)
