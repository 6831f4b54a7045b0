// Look-up: queries of a DNS list (RFC 5782) to verdicts. It lists who may relay: never use it where a list means "reject".
import type { Lookups } from '../../core/lookups.ts'
import type { Verdict } from '../../core/verdict.ts'
import { Class, decodeHeader, decodeQuery, Opcode, type Query, Type } from '../../protocols/dns-list/query.ts'
import { encodeError, encodeRecord, encodeResponse, Rcode, type Record } from '../../protocols/dns-list/response.ts'
import { type Reversed, readReversed } from '../../protocols/dns-list/reversed-name.ts'
import type { Zone } from './zone.ts'

/** RFC 5782 section 2.1. */
const LISTED = encodeRecord({ type: 'A', data: '127.0.0.2' })

/** One message in, one out; undefined where DNS wants silence. Never throws: whatever goes wrong is SERVFAIL. */
export function answerMessage(lookups: Lookups, zone: Zone, bytes: Buffer): Buffer | undefined {
  const header = decodeHeader(bytes)
  if (header === undefined) return undefined
  if (header.opcode !== Opcode.QUERY) return encodeError(header, Rcode.NOTIMP)
  let query: Query
  try {
    query = decodeQuery(bytes, header)
  } catch {
    return encodeError(header, Rcode.FORMERR)
  }
  if (query.edns !== undefined && query.edns > 0) return encodeResponse(query, Rcode.BADVERS, false)
  const labels = query.class === Class.IN ? labelsBefore(zone, query.name) : undefined
  const transfer = query.type === Type.AXFR || query.type === Type.IXFR
  if (labels === undefined || transfer) return encodeResponse(query, Rcode.REFUSED, false)
  if (labels === '') return apex(query, zone)
  try {
    return listed(lookups, zone, query, readReversed(labels))
  } catch {
    return encodeResponse(query, Rcode.SERVFAIL, false)
  }
}

/** Empty for the zone itself; undefined for a name that is not in it. */
function labelsBefore({ name: zone }: Zone, name: string | undefined): string | undefined {
  if (name === zone) return ''
  return name?.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : undefined
}

function apex(query: Query, zone: Zone): Buffer {
  if (query.type === Type.SOA || query.type === Type.ANY) return found(query, zone.soa)
  return query.type === Type.NS ? found(query, zone.ns) : nothing(query, zone, Rcode.NOERROR)
}

function listed(lookups: Lookups, zone: Zone, query: Query, { address, hasNamesBelow }: Reversed): Buffer {
  const verdict: Verdict = address === undefined ? { action: 'dunno' } : lookups.lookup(address)
  if (verdict.action === 'dunno') return nothing(query, zone, hasNamesBelow ? Rcode.NOERROR : Rcode.NXDOMAIN)
  if (query.type === Type.TXT) return found(query, until(verdict.authorization.expiresAt))
  // ANY: one record will do, RFC 8482.
  const address4 = query.type === Type.A || query.type === Type.ANY
  return address4 ? found(query, LISTED) : nothing(query, zone, Rcode.NOERROR)
}

function found(query: Query, answer: Record): Buffer {
  return encodeResponse(query, Rcode.NOERROR, true, { answer })
}

function nothing(query: Query, { soa: record, bytes: zoneBytes }: Zone, rcode: Rcode): Buffer {
  return encodeResponse(query, rcode, true, { authority: { record, zoneBytes } })
}

/** RFC 3339, whole seconds, UTC. @param seconds since the epoch */
function until(seconds: number): Record {
  return encodeRecord({ type: 'TXT', data: new Date(seconds * 1000).toISOString().replace('.000', '') })
}
