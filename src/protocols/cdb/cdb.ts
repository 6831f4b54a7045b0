// cdb, D. J. Bernstein's constant database (https://cr.yp.to/cdb/cdb.txt): 256 pointers, the records, 256 hash tables.
// All numbers are u32, little endian. Written whole; the reader is cdb-reader.ts.
import { malformed } from '../../lib/errors.ts'

/** For each table its position and number of slots. */
export const POINTERS = 2048
export const TABLES = 256
/** Lengths of key and data, before them. */
export const RECORD_HEADER = 8
/** Hash and position of a record; position 0 is an empty slot. */
export const SLOT = 8

/** Keys and values as places in one array of bytes, in any order. */
export interface CdbPairs {
  readonly bytes: Uint8Array
  readonly count: number
  readonly keyAt: ArrayLike<number>
  readonly keyLength: ArrayLike<number>
  readonly valueAt: ArrayLike<number>
  readonly valueLength: ArrayLike<number>
}

/** From 5381, times 33, exclusive-or the byte. Unsigned. */
export function cdbHash(bytes: Uint8Array, from = 0, length = bytes.length): number {
  let hash = 5381
  for (let i = from; i < from + length; i++) hash = (Math.imul(hash, 33) ^ bytes[i]!) | 0
  return hash >>> 0
}

/** Throws `malformed` DRAC_CDB_TOO_LARGE above 4 GB. A key that comes twice is kept twice, as cdb allows. */
export function encodeCdb(pairs: CdbPairs): Buffer<ArrayBuffer> {
  const end = endOfRecords(pairs)
  const file = Buffer.alloc(end + 2 * SLOT * pairs.count)
  const hashes = new Uint32Array(pairs.count)
  const positions = new Uint32Array(pairs.count)
  writeRecords(file, pairs, hashes, positions)
  writeTables(file, end, hashes, positions)
  return file
}

function endOfRecords({ count, keyLength, valueLength }: CdbPairs): number {
  let end = POINTERS
  for (let i = 0; i < count; i++) end += RECORD_HEADER + keyLength[i]! + valueLength[i]!
  const size = end + 2 * SLOT * count
  if (size <= 0xffffffff) return end
  throw malformed('DRAC_CDB_TOO_LARGE', `${count} records take ${size} bytes; a cdb ends at 4 GB`)
}

function writeRecords(file: Buffer, pairs: CdbPairs, hashes: Uint32Array, positions: Uint32Array): void {
  const { bytes, count, keyAt, keyLength, valueAt, valueLength } = pairs
  let at = POINTERS
  for (let i = 0; i < count; i++) {
    hashes[i] = cdbHash(bytes, keyAt[i]!, keyLength[i]!)
    positions[i] = at
    at = file.writeUInt32LE(keyLength[i]!, at)
    at = file.writeUInt32LE(valueLength[i]!, at)
    at = copy(bytes, keyAt[i]!, keyLength[i]!, file, at)
    at = copy(bytes, valueAt[i]!, valueLength[i]!, file, at)
  }
}

/** Returns where it ends. */
function copy(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): number {
  for (let i = 0; i < length; i++) to[at + i] = from[start + i]!
  return at + length
}

/** Each table has two slots for a record: the search for a key that is not there soon meets an empty one. */
function writeTables(file: Buffer, start: number, hashes: Uint32Array, positions: Uint32Array): void {
  const { order, starts } = byTable(hashes)
  let at = start
  for (let table = 0; table < TABLES; table++) {
    const slots = 2 * (starts[table + 1]! - starts[table]!)
    file.writeUInt32LE(at, 8 * table)
    file.writeUInt32LE(slots, 8 * table + 4)
    for (let o = starts[table]!; o < starts[table + 1]!; o++) {
      const hash = hashes[order[o]!]!
      let slot = (hash >>> 8) % slots
      while (file.readUInt32LE(at + SLOT * slot + 4) !== 0) slot = (slot + 1) % slots
      file.writeUInt32LE(hash, at + SLOT * slot)
      file.writeUInt32LE(positions[order[o]!]!, at + SLOT * slot + 4)
    }
    at += SLOT * slots
  }
}

/** The indices of records, table by table, in the order given: the first of two equal keys is found first. */
function byTable(hashes: Uint32Array): { order: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(TABLES + 1)
  for (const hash of hashes) starts[(hash & 255) + 1]!++
  for (let table = 0; table < TABLES; table++) starts[table + 1]! += starts[table]!
  const order = new Uint32Array(hashes.length)
  const next = starts.slice(0, TABLES)
  for (let i = 0; i < hashes.length; i++) order[next[hashes[i]! & 255]!++] = i
  return { order, starts }
}
