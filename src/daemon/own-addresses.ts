import { networkInterfaces } from 'node:os'
import { type Address, addressOfPeer } from '../lib/address.ts'

const MAX_AGE_MS = 10_000
let known: ReadonlySet<Address> = new Set()
let readAt = Number.NEGATIVE_INFINITY

/** This host's addresses, loopback included; at most ten seconds old. */
export function ownAddresses(): ReadonlySet<Address> {
  if (performance.now() - readAt > MAX_AGE_MS) {
    known = new Set(
      Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => addressOfPeer(address))),
    )
    readAt = performance.now()
  }
  return known
}
