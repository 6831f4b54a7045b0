// The map that rpc.dracd kept, for the first start of ours: it was that daemon's store.
import { parseRelayKey, type RelayKey } from '../../lib/prefix.ts'
import { BtreeReader } from '../../protocols/berkeley-db/btree-reader.ts'
import { HASH_MAGIC } from '../../protocols/berkeley-db/hash.ts'
import { HashReader } from '../../protocols/berkeley-db/hash-reader.ts'
import { Meta } from '../../protocols/berkeley-db/page.ts'

export interface OriginalEntry {
  readonly key: RelayKey
  /** Seconds since the epoch, as the map has it: not yet cut to any longest lifetime, and perhaps past. */
  readonly expiresAt: number
}

/**
 * Any rpc.dracd's map, whichever of REQ_HASH, TERM_KD and CIDR_KEY it was built with, and our own btree and hash maps of
 * value `expiry`. An entry that is no address with an expiry is left out; several spellings of one client are one entry.
 * Throws `malformed` when the file is damaged, `unsupported` for a map of another byte order.
 */
export function readOriginalMap(bytes: Uint8Array): OriginalEntry[] {
  const found = new Map<RelayKey, number>()
  for (const [keyText, value] of readerOf(bytes).entries()) {
    const key = keyOf(withoutNul(keyText))
    const expiresAt = /^\d{1,10}$/.test(withoutNul(value)) ? Number(withoutNul(value)) : undefined
    if (key === undefined || expiresAt === undefined) continue
    found.set(key, Math.max(expiresAt, found.get(key) ?? 0))
  }
  return Array.from(found, ([key, expiresAt]) => ({ key, expiresAt }))
}

function readerOf(bytes: Uint8Array): BtreeReader | HashReader {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isHash = file.length > Meta.VERSION && file.readUInt32LE(Meta.MAGIC) === HASH_MAGIC
  return isHash ? new HashReader(bytes) : new BtreeReader(bytes)
}

const withoutNul = (text: string): string => (text.endsWith('\0') ? text.slice(0, -1) : text)

function keyOf(text: string): RelayKey | undefined {
  try {
    return parseRelayKey(text.replace(/^ipv6:/i, ''))
  } catch {
    return undefined
  }
}
