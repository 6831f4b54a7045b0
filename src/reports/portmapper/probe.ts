// Does a portmapper make calls for strangers? Theirs would then seem to come from this host, which we trust.
import { createSocket } from 'node:dgram'
import { type Address, isV6 } from '../../lib/address.ts'
import { DRACPROC_NULL, DRACPROG, DRACVERS } from '../../protocols/drac/add.ts'
import { decodeReply, encodeCall } from '../../protocols/oncrpc/message.ts'
import { RPCBVERS, RPCBVERS4, RpcbProc } from '../../protocols/portmap/rpcbind.ts'
import { encodeCallitArgs, PMAP_PROG, PMAP_VERS, PmapProc } from '../../protocols/portmap/v2.ts'

/** Every way to ask for it: RFC 1833 sections 2.2.1 and 3.2. */
const WAYS = [
  [PMAP_VERS, PmapProc.PMAPPROC_CALLIT],
  [RPCBVERS, RpcbProc.RPCBPROC_BCAST],
  [RPCBVERS4, RpcbProc.RPCBPROC_BCAST],
  [RPCBVERS4, RpcbProc.RPCBPROC_INDIRECT],
] as const

/**
 * Asks the portmapper at `address` and `port`, in every way, to call our own null procedure. True as soon as one call came
 * through; false after `timeoutMs` without. Never rejects: what cannot be reached does not forward.
 */
export function forwardsCalls(address: Address, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isV6(address) ? 'udp6' : 'udp4')
    const finish = (forwards: boolean): void => {
      clearTimeout(timer)
      socket.removeAllListeners('message').close()
      resolve(forwards)
    }
    const timer = setTimeout(() => finish(false), timeoutMs)
    socket.on('error', () => {}) // nobody there: silence, as from one that does not forward
    socket.on('message', (bytes) => {
      if (cameThrough(bytes)) finish(true)
    })
    for (const [xid, [vers, proc]] of WAYS.entries()) socket.send(ask(xid, vers, proc), port, address)
  })
}

function ask(xid: number, vers: number, proc: number): Buffer {
  const args = encodeCallitArgs({ prog: DRACPROG, vers: DRACVERS, proc: DRACPROC_NULL, args: new Uint8Array(0) })
  return encodeCall({ xid, prog: PMAP_PROG, vers, proc, args })
}

function cameThrough(bytes: Uint8Array): boolean {
  try {
    return decodeReply(bytes).stat === 'SUCCESS'
  } catch {
    return false
  }
}
