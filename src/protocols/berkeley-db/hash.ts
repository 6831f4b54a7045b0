// Berkeley DB hash, written whole: pairs to the bytes of a file with 2^k buckets, each a page or a chain of pages.
// db5.3_verify and db5.3_dump accept it. The reader is hash-reader.ts.
import { malformed } from '../../lib/errors.ts'
import type { PackedPairs } from './packed-pairs.ts'
import {
  checkPageSize,
  maxItemBytes,
  NO_PAGE,
  PAGE_HEADER,
  PageType,
  writeFileId,
  writeMeta,
  writePageHeader,
  writeUint16,
} from './page.ts'

export const HASH_MAGIC = 0x00061561
/** Offsets in the metadata page that a hash adds. */
export const HashMeta = { MAX_BUCKET: 72, HIGH_MASK: 76, LOW_MASK: 80, NELEM: 88, H_CHARKEY: 92, SPARES: 96 } as const
/** An item that is kept on its page: type u8, then the bytes; where it ends the item before it begins. */
export const H_KEYDATA = 1
export const HASH_ITEM = 1
const INDEX = 2
/** The hash of "%$sniglet^&" and a NUL, by which a reader knows that it has the writer's hash function. */
const CHARKEY = 0x5e688dd1
const FNV_PRIME = 16_777_619

export interface HashOptions {
  /** Bytes, a power of two from 512 to 65536; default 4096. */
  readonly pageSize?: number
}

/** Fowler/Noll/Vo as Berkeley DB has it (hash_func.c __ham_func4): multiply, then add the byte, from 0. Unsigned. */
export function fnvHash(bytes: Uint8Array, from = 0, length = bytes.length): number {
  let hash = 0
  for (let i = from; i < from + length; i++) hash = Math.imul(hash, FNV_PRIME) ^ bytes[i]!
  return hash >>> 0
}

/**
 * Throws `malformed`: DRAC_BDB_ORDER when a key comes twice, DRAC_BDB_ITEM when a key or value is longer than
 * `maxItemBytes`.
 * @param pairs in any order; a trailing NUL is the caller's to add
 */
export function encodeHash(pairs: PackedPairs, { pageSize = 4096 }: HashOptions = {}): Buffer<ArrayBuffer> {
  checkPageSize(pageSize)
  const buckets = bucketsFor(itemBytes(pairs, maxItemBytes(pageSize)), pageSize)
  const { order, starts } = intoBuckets(pairs, buckets)
  const pages = fillPages(pairs, order, starts, pageSize)
  const lastPgno = pages.length
  const file = Buffer.alloc((lastPgno + 1) * pageSize)
  writeMeta(file, { magic: HASH_MAGIC, type: PageType.HASH_META, pageSize, lastPgno })
  writeHashMeta(file, buckets, pairs.count)
  for (let p = 0; p < pages.length; p++) writePage(file, p + 1, pages[p]!, pairs, order, pageSize)
  writeFileId(file)
  return file
}

/** What all pairs take in pages. */
function itemBytes({ count, keyLength, valueLength }: PackedPairs, limit: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) {
    if (keyLength[i]! > limit || valueLength[i]! > limit) {
      throw malformed('DRAC_BDB_ITEM', `pair ${i}: a key or value of over ${limit} bytes`)
    }
    sum += 2 * (INDEX + HASH_ITEM) + keyLength[i]! + valueLength[i]!
  }
  return sum
}

/** A power of two, at least the 2 that Berkeley DB begins with, so that pages are half to nine tenths full. */
function bucketsFor(bytes: number, pageSize: number): number {
  let buckets = 2
  while (bytes > buckets * 0.9 * (pageSize - PAGE_HEADER)) buckets *= 2
  return buckets
}

function writeHashMeta(file: Buffer, buckets: number, count: number): void {
  file.writeUInt32LE(buckets - 1, HashMeta.MAX_BUCKET)
  file.writeUInt32LE(buckets - 1, HashMeta.HIGH_MASK)
  file.writeUInt32LE(buckets / 2 - 1, HashMeta.LOW_MASK)
  file.writeUInt32LE(count, HashMeta.NELEM)
  file.writeUInt32LE(CHARKEY, HashMeta.H_CHARKEY)
  // Bucket b is page b + spares[ceil(log2(b + 1))]: all buckets stand side by side after the metadata.
  for (let doubling = 0; 1 << doubling <= buckets; doubling++) file.writeUInt32LE(1, HashMeta.SPARES + 4 * doubling)
}

/** The indices of pairs, bucket by bucket, each bucket sorted; `starts` has one more entry than there are buckets. */
function intoBuckets(pairs: PackedPairs, buckets: number): { order: Uint32Array; starts: Uint32Array } {
  const { bytes, count, keyAt, keyLength } = pairs
  const bucketOf = new Uint32Array(count)
  const starts = new Uint32Array(buckets + 1)
  for (let i = 0; i < count; i++) {
    bucketOf[i] = fnvHash(bytes, keyAt[i]!, keyLength[i]!) & (buckets - 1)
    starts[bucketOf[i]! + 1]!++
  }
  for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1]! += starts[bucket]!
  const order = new Uint32Array(count)
  const next = starts.slice(0, buckets)
  for (let i = 0; i < count; i++) order[next[bucketOf[i]!]!++] = i
  for (let bucket = 0; bucket < buckets; bucket++) sortBucket(pairs, order, starts[bucket]!, starts[bucket + 1]!)
  return { order, starts }
}

function sortBucket(pairs: PackedPairs, order: Uint32Array, start: number, end: number): void {
  order.subarray(start, end).sort((i, j) => compareHashKeys(pairs, i, j))
  for (let at = start + 1; at < end; at++) {
    if (compareHashKeys(pairs, order[at - 1]!, order[at]!) < 0) continue
    throw malformed('DRAC_BDB_ORDER', `pairs ${order[at - 1]} and ${order[at]} have the same key`)
  }
}

/**
 * By byte, and a key AFTER the longer ones that begin with it: the opposite of a btree (hash_page.c
 * __ham_getindex_sorted). The other way round db5.3_verify still succeeds, and look-ups miss one key in a hundred.
 */
function compareHashKeys({ bytes, keyAt, keyLength }: PackedPairs, i: number, j: number): number {
  const [a, b] = [keyAt[i]!, keyAt[j]!]
  const [lengthA, lengthB] = [keyLength[i]!, keyLength[j]!]
  const both = Math.min(lengthA, lengthB)
  for (let k = 0; k < both; k++) {
    const difference = bytes[a + k]! - bytes[b + k]!
    if (difference !== 0) return difference
  }
  return lengthB - lengthA
}

/** One page: which pairs of the order it has, and its neighbours in the bucket's chain. */
interface HashPage {
  readonly start: number
  readonly end: number
  readonly prev: number
  next: number
}

/** Page n of the result is page n + 1 of the file: first a page for each bucket, then what did not fit on those. */
function fillPages(pairs: PackedPairs, order: Uint32Array, starts: Uint32Array, pageSize: number): HashPage[] {
  const buckets = starts.length - 1
  const pages: HashPage[] = new Array(buckets)
  const pageFrom = (start: number, end: number, prev: number): HashPage => ({
    start,
    end: fittingFrom(pairs, order, start, end, pageSize),
    prev,
    next: NO_PAGE,
  })
  for (let bucket = 0; bucket < buckets; bucket++) {
    const end = starts[bucket + 1]!
    let pgno = bucket + 1
    let page: HashPage = pageFrom(starts[bucket]!, end, NO_PAGE)
    pages[bucket] = page
    while (page.end < end) {
      page.next = pages.length + 1
      const overflow = pageFrom(page.end, end, pgno)
      pages.push(overflow)
      pgno = page.next
      page = overflow
    }
  }
  return pages
}

/** Where a page that begins with pair `start` of the order has to end. */
function fittingFrom(
  { keyLength, valueLength }: PackedPairs,
  order: Uint32Array,
  start: number,
  end: number,
  pageSize: number,
): number {
  let used = PAGE_HEADER
  for (let at = start; at < end; at++) {
    used += 2 * (INDEX + HASH_ITEM) + keyLength[order[at]!]! + valueLength[order[at]!]!
    if (used > pageSize) return at
  }
  return end
}

function writePage(
  file: Buffer,
  pgno: number,
  { start, end, prev, next }: HashPage,
  { bytes, keyAt, keyLength, valueAt, valueLength }: PackedPairs,
  order: Uint32Array,
  pageSize: number,
): void {
  const at = pgno * pageSize
  let low = at + pageSize
  let index = at + PAGE_HEADER
  for (let o = start; o < end; o++) {
    const i = order[o]!
    low = writeItem(file, low, bytes, keyAt[i]!, keyLength[i]!)
    index = writeUint16(file, index, low - at)
    low = writeItem(file, low, bytes, valueAt[i]!, valueLength[i]!)
    index = writeUint16(file, index, low - at)
  }
  const entries = 2 * (end - start)
  writePageHeader(file, at, { pgno, prev, next, entries, lowest: low - at, level: 0, type: PageType.HASH })
}

/** Writes below `end` and returns where the item begins. */
function writeItem(file: Buffer, end: number, bytes: Uint8Array, from: number, length: number): number {
  const at = end - HASH_ITEM - length
  file[at] = H_KEYDATA
  for (let i = 0; i < length; i++) file[at + HASH_ITEM + i] = bytes[from + i]!
  return at
}
