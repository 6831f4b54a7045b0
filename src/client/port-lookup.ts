// Asks a host's portmapper where DRAC listens: RFC 1833.
import { isIPv6 } from 'node:net'
import { tempfail } from '../lib/errors.ts'
import { DRACPROG } from '../protocols/drac/add.ts'
import { encodeCall } from '../protocols/oncrpc/message.ts'
import type { XdrReader } from '../protocols/oncrpc/xdr.ts'
import { decodeAddr, encodeRpcb, RPCBVERS, RPCBVERS4, RpcbProc } from '../protocols/portmap/rpcbind.ts'
import { parseUniversalAddress } from '../protocols/portmap/universal-address.ts'
import {
  decodePort,
  encodeMapping,
  IPPROTO_TCP,
  IPPROTO_UDP,
  PMAP_PROG,
  PMAP_VERS,
  PmapProc,
} from '../protocols/portmap/v2.ts'
import type { Connection, Target } from './connection.ts'
import type { Deadline } from './deadline.ts'
import { openTcp } from './tcp.ts'
import { openUdp } from './udp.ts'

export interface Wanted {
  /** DRACVERS or DRACVERS6. */
  readonly vers: number
  readonly transport: 'udp' | 'tcp'
}

interface Question {
  readonly vers: number
  readonly proc: number
  readonly args: Buffer
  /** The port, 0 for "not registered". */
  readonly decode: (results: XdrReader) => number
}

/** One way to ask: which questions, over what. */
interface Way {
  readonly open: typeof openUdp
  readonly questions: readonly Question[]
}

/**
 * The port that program 900101, version `vers`, listens on over `transport`. IPv4 hosts are asked with portmapper
 * version 2 over UDP first, as libdrac does, IPv6 hosts with rpcbind versions 4 and 3 over `transport`; a version that
 * the host does not speak, and a portmapper that is not there, give way to the next. The host in the answer is not
 * used: a portmapper says where on its host, not which host.
 * Throws `tempfail`: not registered, no portmapper, no answer in time.
 */
export async function lookUpPort(portmapper: Target, wanted: Wanted, deadline: Deadline): Promise<number> {
  let failure: unknown
  const ways = waysTo(portmapper.address, wanted)
  for (const [i, way] of ways.entries()) {
    const share = deadline.share(ways.length - i)
    try {
      return await askOver(way, portmapper, wanted.vers, share)
    } catch (error) {
      if (isNotRegistered(error)) throw error
      failure = error
    } finally {
      share.end()
    }
  }
  throw failure
}

async function askOver(way: Way, portmapper: Target, vers: number, deadline: Deadline): Promise<number> {
  const connection = await way.open(portmapper, deadline)
  try {
    for (const question of way.questions) {
      const port = await ask(connection, question, deadline)
      if (port === 0) throw tempfail(NOT_REGISTERED, `version ${vers} is not registered with the portmapper`)
      if (port !== undefined) return port
    }
    throw tempfail('DRAC_CLIENT_PORTMAPPER', 'the portmapper understands none of versions 2 to 4')
  } finally {
    connection.close()
  }
}

/** Undefined when the portmapper does not know the version or the procedure. */
async function ask(connection: Connection, question: Question, deadline: Deadline): Promise<number | undefined> {
  const reply = await connection.call((xid) => encodeCall({ xid, prog: PMAP_PROG, ...question }), deadline)
  return reply.stat === 'SUCCESS' ? question.decode(reply.results) : undefined
}

/**
 * GETPORT names the protocol, so that it may be asked over UDP for TCP. GETADDR does not: rpcbind takes the transport
 * that the question came over, whatever `r_netid` says (RFC 1833 section 2.2).
 */
function waysTo(address: string, { vers, transport }: Wanted): readonly Way[] {
  const v6 = isIPv6(address.replace(/%.*/, ''))
  const mapping = { prog: DRACPROG, vers, prot: transport === 'tcp' ? IPPROTO_TCP : IPPROTO_UDP, port: 0 }
  const rpcb = { prog: DRACPROG, vers, netid: v6 ? `${transport}6` : transport, addr: '', owner: '' }
  const getport: Question = {
    vers: PMAP_VERS,
    proc: PmapProc.PMAPPROC_GETPORT,
    args: encodeMapping(mapping),
    decode: portOf,
  }
  const getaddr = [RPCBVERS4, RPCBVERS].map((version) => ({
    vers: version,
    proc: RpcbProc.RPCBPROC_GETADDR,
    args: encodeRpcb(rpcb),
    decode: portOfAddr,
  }))
  const questions = v6 ? [...getaddr, getport] : [getport, ...getaddr]
  if (transport === 'udp') return [{ open: openUdp, questions }]
  const overTcp = { open: openTcp, questions }
  const overUdp = { open: openUdp, questions: [getport] }
  return v6 ? [overTcp, overUdp] : [overUdp, overTcp]
}

function portOf(results: XdrReader): number {
  const port = decodePort(results)
  if (port > 65535) throw tempfail('DRAC_CLIENT_PORTMAPPER', `the portmapper says port ${port}`)
  return port
}

function portOfAddr(results: XdrReader): number {
  const addr = decodeAddr(results)
  return addr === '' ? 0 : parseUniversalAddress(addr).port
}

const NOT_REGISTERED = 'DRAC_CLIENT_NOT_REGISTERED'
const isNotRegistered = (error: unknown): boolean => (error as { code?: unknown }).code === NOT_REGISTERED
