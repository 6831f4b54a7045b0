// Responses, RFC 1035 section 4. Owner names are pointers into the question, so that an answer stays about as small as
// what it answers.
import dnsPacket, { type Answer } from 'dns-packet'
import { HEADER_BYTES, type Header, type Query } from './query.ts'

/** RFC 1035 section 4.1.1, RFC 6891 section 9. */
export const Rcode = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const
export type Rcode = (typeof Rcode)[keyof typeof Rcode]

/** What our own answers need at most, RFC 9715. */
const UDP_PAYLOAD_BYTES = 1232
const OWNER_IS_ROOT = { name: '.', ttl: 0 } as const

/** A record before it is on the wire. Nothing may be kept in caches: a login permits at once, and so does its end. */
export type RecordData = Answer extends infer Each ? (Each extends Answer ? Omit<Each, 'name' | 'ttl'> : never) : never
/** A record on the wire, all but its owner. */
export type Record = Uint8Array & { readonly __record: unique symbol }

export interface Sections {
  /** Owned by the name that was asked for. */
  readonly answer?: Record
  /** Owned by the zone, whose name has `zoneBytes` in the question, its end included. */
  readonly authority?: { readonly record: Record; readonly zoneBytes: number }
}

/** dns-packet writes names whole, and the root's is one byte. */
export const encodeRecord = (data: RecordData): Record =>
  dnsPacket.answer.encode({ ...OWNER_IS_ROOT, ...data } as Answer).subarray(1) as Uint8Array as Record

/** An answer without a question: to what could not be parsed, or is not served at all. */
export function encodeError(header: Header, rcode: Rcode): Buffer {
  return encodeHeader(header, rcode, false, [0, 0, 0, 0])
}

/** @param authoritative whether we answer for the zone: false for REFUSED */
export function encodeResponse(query: Query, rcode: Rcode, authoritative: boolean, sections: Sections = {}): Buffer {
  const { answer, authority } = sections
  const edns = query.edns !== undefined
  const count = (is: boolean): number => (is ? 1 : 0)
  const counts = [1, count(answer !== undefined), count(authority !== undefined), count(edns)]
  return Buffer.concat([
    encodeHeader(query.header, rcode, authoritative, counts),
    query.question,
    ...(answer ? owned(HEADER_BYTES, answer) : []),
    ...(authority ? owned(HEADER_BYTES + query.nameBytes - authority.zoneBytes, authority.record) : []),
    ...(edns ? [opt(rcode)] : []),
  ])
}

function encodeHeader({ id, opcode, rd }: Header, rcode: Rcode, aa: boolean, counts: readonly number[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  const flags = 0x8000 | (opcode << 11) | (aa ? 0x0400 : 0) | (rd ? 0x0100 : 0) | (rcode & 15)
  ;[id, flags, ...counts].forEach((value, at) => {
    header.writeUInt16BE(value, 2 * at)
  })
  return header
}

/** The owner is a pointer, section 4.1.4. */
const owned = (offset: number, record: Record): [Uint8Array, Record] => [
  Uint8Array.of(0xc0 | (offset >> 8), offset & 255),
  record,
]

function opt(rcode: Rcode): Buffer {
  return dnsPacket.answer.encode({
    name: '.',
    type: 'OPT',
    udpPayloadSize: UDP_PAYLOAD_BYTES,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: 0,
    options: [],
  })
}
