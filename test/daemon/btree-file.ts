import { encodeBtree } from '../../src/protocols/berkeley-db/btree.ts'
import { packPairs, sortPairs } from '../../src/protocols/berkeley-db/packed-pairs.ts'

/** A map as rpc.dracd writes it: 512-byte pages, expiry in ASCII, no NUL. */
export function buildBtree(entries: Readonly<Record<string, number>>): Buffer {
  const pairs = packPairs(Object.entries(entries).map(([key, expiry]) => [key, String(expiry)] as const))
  return encodeBtree(sortPairs(pairs), { pageSize: 512 })
}
