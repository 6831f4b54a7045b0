// The zone under which addresses are asked for.
import { configError } from '../../lib/errors.ts'

export interface Zone {
  /** In lower case, without a dot at the end. */
  readonly name: string
  /** Bytes of its name on the wire. */
  readonly bytes: number
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
  return { name, bytes: name.length + 2 }
}
