// Queries, RFC 1035 section 4 with EDNS (RFC 6891). The header is looked at before anything is parsed: its counts claim
// memory that never came.
import dnsPacket from 'dns-packet'
import { type DracError, malformed } from '../../lib/errors.ts'

export const HEADER_BYTES = 12
/** The longest name with every EDNS option in use, padding included. */
export const MAX_QUERY_BYTES = 1232

export const Opcode = { QUERY: 0 } as const
export const Class = { IN: 1 } as const
export const Type = { A: 1, NS: 2, SOA: 6, TXT: 16, IXFR: 251, AXFR: 252, ANY: 255 } as const

export interface Header {
  readonly id: number
  readonly opcode: number
  /** Recursion desired: repeated in the answer. */
  readonly rd: boolean
}

export interface Query {
  readonly header: Header
  /** As it came, case and all, to be repeated in the answer: resolvers compare it (draft-vixie-dnsext-dns0x20). */
  readonly question: Uint8Array
  /** In lower case, without a dot at the end; undefined for one that text cannot show, with a dot inside a label say. */
  readonly name: string | undefined
  /** Bytes of the name in the question. */
  readonly nameBytes: number
  readonly type: number
  readonly class: number
  /** EDNS version; undefined without EDNS. */
  readonly edns: number | undefined
}

/** Undefined for what must have no answer: too short for a header, or itself a response. */
export function decodeHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const flags = bytes.readUInt16BE(2)
  if (flags & 0x8000) return undefined
  return { id: bytes.readUInt16BE(0), opcode: (flags >> 11) & 15, rd: (flags & 0x0100) !== 0 }
}

/** Throws `malformed` for anything but one question, with one additional record or none. */
export function decodeQuery(bytes: Buffer, header: Header): Query {
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at))
  if (bytes.length > MAX_QUERY_BYTES) throw wrong(`over ${MAX_QUERY_BYTES} bytes`)
  if (questions !== 1 || answers !== 0 || authorities !== 0 || additionals! > 1) throw wrong('not one question')
  try {
    return decode(bytes, header, additionals === 1)
  } catch (cause) {
    throw wrong(String(cause))
  }
}

function decode(bytes: Buffer, header: Header, additional: boolean): Query {
  const { name } = dnsPacket.question.decode(bytes, HEADER_BYTES)
  const end = HEADER_BYTES + dnsPacket.question.decode.bytes
  const question = bytes.subarray(HEADER_BYTES, end)
  const wireName = question.subarray(0, -4)
  const edns = additional ? decodeOpt(bytes, end) : undefined
  if (end + (additional ? dnsPacket.answer.decode.bytes : 0) !== bytes.length) throw wrong('more after the end')
  return {
    header,
    question,
    name: dnsPacket.name.encode(name).equals(wireName) ? lower(name) : undefined,
    nameBytes: wireName.length,
    type: question.readUInt16BE(wireName.length),
    class: question.readUInt16BE(wireName.length + 2),
    edns,
  }
}

/** The version; undefined for a record of another type (TSIG), which is not needed here. */
function decodeOpt(bytes: Buffer, at: number): number | undefined {
  const record = dnsPacket.answer.decode(bytes, at)
  if (record.type !== 'OPT') return undefined
  if (record.name !== '.') throw wrong('an OPT record with a name')
  return record.ednsVersion
}

/** ASCII only: other letters are not folded in DNS, RFC 4343. */
const lower = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
const wrong = (why: string): DracError => malformed('DRAC_DNS', `a DNS query that is wrong: ${why}`)
