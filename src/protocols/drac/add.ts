// DRACPROC_ADD, program 900101. Source: libdrac/drac.x (DRAC 1.12 with the IPv6 version 2).
import { type Address, addressFromOctets, addressFromUint32, isV6, octetsOf } from '../../lib/address.ts'
import { unsupported } from '../../lib/errors.ts'
import { type XdrReader, XdrWriter } from '../oncrpc/xdr.ts'

export const DRACPROG = 900101
/** IPv4. */
export const DRACVERS = 1
/** IPv6. */
export const DRACVERS6 = 2
export const DRACPROC_NULL = 0
/** The same number in both versions; drac.x calls version 2's DRACPROC_ADD6. */
export const DRACPROC_ADD = 1

/** `enum addstat` of drac.x; the misspelling is the interface's. */
export const AddStat = { ADD_SUCCESS: 0, ADD_PERM: 1, ADD_SYSERR: 2, ADD_UNKOWN: 3 } as const
export type AddStat = (typeof AddStat)[keyof typeof AddStat]
const ADD_STATS = Object.values(AddStat)

/** The argument of DRACPROC_ADD in version `vers`, to its last byte. Throws `malformed` (the server's GARBAGE_ARGS). */
export function decodeAdd(vers: number, args: XdrReader): Address {
  if (vers === DRACVERS) return addressFromUint32(decodeAddrec(args))
  if (vers === DRACVERS6) return addressFromOctets(decodeAddrec6(args))
  throw unsupported('DRAC_ADD_VERSION', `version ${vers} of program ${DRACPROG}`)
}

/** IPv4 goes as version 1, IPv6 as version 2. */
export function encodeAdd(address: Address): { readonly vers: 1 | 2; readonly args: Buffer } {
  const octets = octetsOf(address)
  if (isV6(address)) return { vers: DRACVERS6, args: encodeAddrec6(octets) }
  return { vers: DRACVERS, args: encodeAddrec(Buffer.from(octets).readUInt32BE()) }
}

/** Version 1: `unsigned int ip_addr`. Returns the address as a number, 192.0.2.25 = 0xc0000219. */
export function decodeAddrec(args: XdrReader): number {
  const value = args.uint()
  args.end()
  return value
}

export const encodeAddrec = (ipAddr: number): Buffer => new XdrWriter(4).uint(ipAddr).bytes()

/**
 * Version 2: `char ip_addr6[16]`, which rpcgen sends as 16 XDR ints (64 bytes), not as opaque.
 * Senders whose `char` is signed sign-extend, so only the low octet of each int counts. Returns 16 octets.
 */
export function decodeAddrec6(args: XdrReader): Uint8Array {
  const octets = new Uint8Array(16)
  for (let i = 0; i < 16; i++) octets[i] = args.uint()
  args.end()
  return octets
}

/** Sign-extended, as C on amd64 sends it. @param octets 16 of them */
export const encodeAddrec6 = (octets: Uint8Array): Buffer =>
  new XdrWriter(64).arrayFixed([...octets], 16, (writer, octet) => writer.int((octet << 24) >> 24)).bytes()

/** The result of DRACPROC_ADD, to its last byte. Throws `malformed`. */
export function decodeAddResult(results: XdrReader): AddStat {
  const stat = results.enum(ADD_STATS)
  results.end()
  return stat
}

export const encodeAddResult = (stat: AddStat): Buffer => new XdrWriter(4).enum(stat).bytes()
