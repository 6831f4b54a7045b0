import { createSocket } from 'node:dgram'
import { type Address, addressOfPeer } from '../../lib/address.ts'

/** Sockets open at once for this; more questions than that have no answer. */
const MAX_AT_ONCE = 16
let atOnce = 0

/** This host's address that `peer` reaches, by the routing table: connecting a UDP socket sends nothing. Undefined: no route. */
export function localAddressTowards(peer: string): Promise<Address | undefined> {
  if (atOnce >= MAX_AT_ONCE) return Promise.resolve(undefined)
  atOnce++
  return new Promise((resolve) => {
    const socket = createSocket(peer.includes(':') ? 'udp6' : 'udp4')
    const finish = (address?: Address): void => {
      atOnce--
      socket.close()
      resolve(address)
    }
    socket.once('error', () => finish())
    socket.connect(9, peer, () => finish(addressOfPeer(socket.address().address)))
  })
}
