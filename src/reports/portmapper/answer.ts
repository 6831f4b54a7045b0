// The built-in portmapper's answers: where DRAC is, and nothing else. RFC 1833.
import { type ErrorKind, kindOf } from '../../lib/errors.ts'
import type { InetEndpoint } from '../../net/endpoint.ts'
import { DRACPROG, DRACVERS, DRACVERS6 } from '../../protocols/drac/add.ts'
import { callIn, deniedReply } from '../../protocols/oncrpc/gate.ts'
import {
  AcceptStat,
  type Call,
  encodeAccepted,
  encodeProgMismatch,
  encodeSuccess,
} from '../../protocols/oncrpc/message.ts'
import { decodeRpcb, encodeAddr, RPCBVERS4, RpcbProc } from '../../protocols/portmap/rpcbind.ts'
import { formatUniversalAddress } from '../../protocols/portmap/universal-address.ts'
import { decodeMapping, IPPROTO_TCP, IPPROTO_UDP, PMAP_PROG, PMAP_VERS, PmapProc } from '../../protocols/portmap/v2.ts'
import { isWildcard, type Netid } from './announce.ts'

/** A GETADDR whose endpoint listens on every address: the one that the caller reaches is still to be found out. */
export class AddressQuestion {
  readonly xid: number
  readonly endpoint: InetEndpoint
  constructor(xid: number, endpoint: InetEndpoint) {
    this.xid = xid
    this.endpoint = endpoint
  }
}

/** Undefined: no answer, for bytes that are no call. */
export type Answer = Buffer | AddressQuestion | undefined

const FAILED: Readonly<Record<ErrorKind, AcceptStat>> = {
  malformed: AcceptStat.GARBAGE_ARGS,
  unsupported: AcceptStat.PROC_UNAVAIL,
  tempfail: AcceptStat.SYSTEM_ERR,
  config: AcceptStat.SYSTEM_ERR,
}

/**
 * Never throws. SET, UNSET, DUMP and above all CALLIT are procedures that this portmapper does not have.
 * @param asked the netid over which the call came
 */
export function answerPortmap(bytes: Uint8Array, asked: Netid, announced: ReadonlyMap<Netid, InetEndpoint>): Answer {
  const call = callIn(bytes)
  if (call === undefined) return undefined
  try {
    return deniedReply(call) ?? dispatch(call, asked, announced)
  } catch (error) {
    return encodeAccepted(call.xid, FAILED[kindOf(error)])
  }
}

/** The answer to GETADDR once the address is known. */
export const answerAddress = (xid: number, endpoint: InetEndpoint): Buffer =>
  encodeSuccess(xid, encodeAddr(formatUniversalAddress(endpoint)))

function dispatch(call: Call, asked: Netid, announced: ReadonlyMap<Netid, InetEndpoint>): Answer {
  const { xid, prog, vers, proc } = call
  if (prog !== PMAP_PROG) return encodeAccepted(xid, AcceptStat.PROG_UNAVAIL)
  if (vers < PMAP_VERS || vers > RPCBVERS4) return encodeProgMismatch(xid, PMAP_VERS, RPCBVERS4)
  if (proc === PmapProc.PMAPPROC_NULL) {
    call.args.end()
    return encodeAccepted(xid, AcceptStat.SUCCESS)
  }
  if (vers === PMAP_VERS && proc === PmapProc.PMAPPROC_GETPORT) return getPort(call, asked, announced)
  if (vers !== PMAP_VERS && proc === RpcbProc.RPCBPROC_GETADDR) return getAddr(call, asked, announced)
  return encodeAccepted(xid, AcceptStat.PROC_UNAVAIL)
}

function getPort({ xid, args }: Call, asked: Netid, announced: ReadonlyMap<Netid, InetEndpoint>): Answer {
  const { prog, vers, prot } = decodeMapping(args)
  const family = asked.endsWith('6') ? '6' : ''
  const transport = prot === IPPROTO_UDP ? 'udp' : prot === IPPROTO_TCP ? 'tcp' : undefined
  const endpoint = transport && isOurs(prog, vers) && announced.get(`${transport}${family}` as Netid)
  return encodeAccepted(xid, AcceptStat.SUCCESS, endpoint ? endpoint.port : 0)
}

/** Clients name the netid that they mean; those that leave it out mean the one they ask over. */
function getAddr({ xid, args }: Call, asked: Netid, announced: ReadonlyMap<Netid, InetEndpoint>): Answer {
  const { prog, vers, netid } = decodeRpcb(args)
  const endpoint = isOurs(prog, vers) ? announced.get((netid || asked) as Netid) : undefined
  if (endpoint === undefined) return encodeSuccess(xid, encodeAddr(''))
  return isWildcard(endpoint) ? new AddressQuestion(xid, endpoint) : answerAddress(xid, endpoint)
}

const isOurs = (prog: number, vers: number): boolean => prog === DRACPROG && (vers === DRACVERS || vers === DRACVERS6)
