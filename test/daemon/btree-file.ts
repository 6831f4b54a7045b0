import { encodeBtree } from '../../src/protocols/berkeley-db/btree.ts'

/** A map as rpc.dracd writes it: 512-byte pages, expiry in ASCII, no NUL. */
export function buildBtree(entries: Readonly<Record<string, number>>): Buffer {
  const keys = Object.keys(entries).sort()
  return encodeBtree(
    keys,
    keys.map((key) => String(entries[key])),
    { pageSize: 512 },
  )
}
