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

/**
 * The port that program 900101, version `vers`, listens on over `transport`. IPv4 hosts are asked with portmapper
 * version 2 first, as libdrac does, IPv6 hosts with rpcbind versions 4 and 3; a version that the host does not speak
 * gives way to the next. Asked over UDP; with transport `tcp` over TCP too when UDP brings nothing. The host in the
 * answer is not used: a portmapper says where on its host, not which host.
 * Throws `tempfail`: not registered, no portmapper, no answer in time.
 */
export async function lookUpPort(portmapper: Target, wanted: Wanted, deadline: Deadline): Promise<number> {
  if (wanted.transport === 'udp') return askOver(openUdp, portmapper, wanted, deadline)
  const share = deadline.share(2)
  try {
    return await askOver(openUdp, portmapper, wanted, share)
  } catch (error) {
    if (isNotRegistered(error)) throw error
    return await askOver(openTcp, portmapper, wanted, deadline)
  } finally {
    share.end()
  }
}

async function askOver(open: typeof openUdp, portmapper: Target, wanted: Wanted, deadline: Deadline): Promise<number> {
  const connection = await open(portmapper, deadline)
  try {
    for (const question of questions(portmapper.address, wanted)) {
      const port = await ask(connection, question, deadline)
      if (port === 0) throw tempfail(NOT_REGISTERED, `version ${wanted.vers} is not registered with the portmapper`)
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

function questions(address: string, { vers, transport }: Wanted): Question[] {
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
  return v6 ? [...getaddr, getport] : [getport, ...getaddr]
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
