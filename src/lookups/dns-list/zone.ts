// The zone under which addresses are asked for.
import { configError } from '../../lib/errors.ts'
import { encodeRecord, type Record } from '../../protocols/dns-list/response.ts'

export interface Zone {
  /** In lower case, without a dot at the end. */
  readonly name: string
  /** Bytes of its name on the wire. */
  readonly bytes: number
  readonly soa: Record
  readonly ns: Record
}

export const DEFAULT_ZONE = 'drac.invalid'
/** With 32 nibbles before it and its name once more in the SOA, every answer still fits in the 512 bytes of plain DNS. */
const MAX_LENGTH = 150

/** Throws `config` DRAC_DNS_ZONE. */
export function parseZone(text: string): Zone {
  const name = text.toLowerCase().replace(/\.$/, '')
  const labels = name.split('.')
  if (name.length > MAX_LENGTH || !labels.every((label) => /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/.test(label))) {
    throw configError(
      'DRAC_DNS_ZONE',
      `${JSON.stringify(text)} is no zone: write a domain name of at most ${MAX_LENGTH} letters, such as ${DEFAULT_ZONE}`,
    )
  }
  return { name, bytes: name.length + 2, soa: soa(name), ns: encodeRecord({ type: 'NS', data: name }) }
}

/**
 * SOA and NS are those of RFC 6303 section 3, for zones that nobody delegates. The last figure is for how long "nothing"
 * may be kept: not at all, RFC 2308.
 */
function soa(mname: string): Record {
  const timers = { serial: 1, refresh: 3600, retry: 1200, expire: 604_800, minimum: 0 }
  return encodeRecord({ type: 'SOA', data: { mname, rname: 'nobody.invalid', ...timers } })
}
