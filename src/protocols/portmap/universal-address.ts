// Universal addresses, RFC 5665 section 5.2.3: an IP address, then the port's two octets in decimal.
import { type Address, parseAddress } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'

export interface Endpoint {
  readonly address: Address
  /** 0 to 65535. */
  readonly port: number
}

/** `127.0.0.1.35.41` is 127.0.0.1 port 9001, `::1.0.111` is ::1 port 111. Throws `malformed` DRAC_UADDR or DRAC_ADDRESS. */
export function parseUniversalAddress(text: string): Endpoint {
  const match = /^(.*)\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  const [high, low] = [Number(match?.[2]), Number(match?.[3])]
  if (!match || high > 255 || low > 255) {
    throw malformed('DRAC_UADDR', `not a universal address: ${JSON.stringify(text)}`)
  }
  return { address: parseAddress(match[1]!), port: high * 256 + low }
}

export const formatUniversalAddress = ({ address, port }: Endpoint): string => `${address}.${port >> 8}.${port & 255}`
