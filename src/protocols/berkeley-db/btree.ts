// Berkeley DB btree, written whole: sorted pairs to the bytes of a file. Every leaf is full, so a file is as small as
// it can be; db5.3_verify and db5.3_dump accept it. The reader is btree-reader.ts.
import { malformed } from '../../lib/errors.ts'
import { compareKeys, type PackedPairs } from './packed-pairs.ts'
import {
  align4,
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

export const BTREE_MAGIC = 0x00053162
/** Offsets in the metadata page that a btree adds. */
export const BtreeMeta = { MINKEY: 76, RE_PAD: 84, ROOT: 88 } as const
/** An item that is kept on its page. */
export const B_KEYDATA = 1
/** Length u16, type u8; then the bytes, rounded up to 4. */
export const LEAF_ITEM = 3
/** Length u16, type u8, unused u8, child page u32, record count u32; then the key, rounded up to 4. */
export const INTERNAL_ITEM = 12
const ROOT = 1
const INDEX = 2

export interface BtreeOptions {
  /** Bytes, a power of two from 512 to 65536; default 4096. rpc.dracd's own maps have 512. */
  readonly pageSize?: number
}

/** One floor of the tree: what each of its pages begins with, in order. */
interface Level {
  /** Number of its first page; the others follow. */
  readonly firstPgno: number
  /** For each page the first child (of a leaf: the first pair) in it. */
  readonly starts: readonly number[]
  /** For each page the index of the first key at or below it. */
  readonly firstKeys: readonly number[]
}

/**
 * Throws `malformed`: DRAC_BDB_ORDER when keys are not strictly ascending, DRAC_BDB_ITEM when a key or value is longer
 * than `maxItemBytes`.
 * @param pairs in the order that `sortPairs` makes; a trailing NUL is the caller's to add
 */
export function encodeBtree(pairs: PackedPairs, { pageSize = 4096 }: BtreeOptions = {}): Buffer<ArrayBuffer> {
  checkPageSize(pageSize)
  checkPairs(pairs, maxItemBytes(pageSize))
  const levels = stackLevels(pairs, fillLeaves(pairs, pageSize), pageSize)
  const lastPgno = levels.reduce((pages, level) => pages + level.starts.length, 0)
  const file = Buffer.alloc((lastPgno + 1) * pageSize)
  writeMeta(file, { magic: BTREE_MAGIC, type: PageType.BTREE_META, pageSize, lastPgno })
  file.writeUInt32LE(2, BtreeMeta.MINKEY)
  file.writeUInt32LE(0x20, BtreeMeta.RE_PAD)
  file.writeUInt32LE(ROOT, BtreeMeta.ROOT)
  writeLeaves(file, levels[0]!, pairs, pageSize)
  for (let i = 1; i < levels.length; i++) writeInternals(file, i + 1, levels[i]!, levels[i - 1]!, pairs, pageSize)
  writeFileId(file)
  return file
}

function checkPairs(pairs: PackedPairs, limit: number): void {
  for (let i = 0; i < pairs.count; i++) {
    if (i > 0 && compareKeys(pairs, i - 1, i) >= 0) {
      throw malformed('DRAC_BDB_ORDER', `key ${i} is not after the one before it`)
    }
    if (pairs.keyLength[i]! > limit || pairs.valueLength[i]! > limit) {
      throw malformed('DRAC_BDB_ITEM', `pair ${i}: a key or value of over ${limit} bytes`)
    }
  }
}

/** The index of the first pair of each leaf. An empty tree has one empty leaf. */
function fillLeaves({ count, keyLength, valueLength }: PackedPairs, pageSize: number): number[] {
  const starts = [0]
  let used = PAGE_HEADER
  for (let i = 0; i < count; i++) {
    const size = 2 * INDEX + align4(LEAF_ITEM + keyLength[i]!) + align4(LEAF_ITEM + valueLength[i]!)
    if (used + size > pageSize) {
      starts.push(i)
      used = PAGE_HEADER
    }
    used += size
  }
  return starts
}

/** The levels from the leaves up to the root, which is page 1 as Berkeley DB always has it. */
function stackLevels(pairs: PackedPairs, leaves: readonly number[], pageSize: number): Level[] {
  const levels: Level[] = []
  let next = ROOT + 1
  for (let starts = leaves, firstKeys = leaves; ; ) {
    levels.push({ firstPgno: starts.length === 1 ? ROOT : next, starts, firstKeys })
    if (starts.length === 1) return levels
    next += starts.length
    const below = firstKeys
    starts = fillInternals(pairs, below, pageSize)
    firstKeys = starts.map((child) => below[child]!)
  }
}

/** The index of the first child of each internal page. @param below the first key under each child */
function fillInternals({ keyLength }: PackedPairs, below: readonly number[], pageSize: number): number[] {
  const starts: number[] = []
  let used = pageSize
  for (let child = 0; child < below.length; child++) {
    let size = INDEX + align4(INTERNAL_ITEM + keyLength[below[child]!]!)
    if (used + size > pageSize) {
      starts.push(child)
      used = PAGE_HEADER
      size = INDEX + INTERNAL_ITEM
    }
    used += size
  }
  return starts
}

function writeLeaves(file: Buffer, level: Level, pairs: PackedPairs, pageSize: number): void {
  const { bytes, keyAt, keyLength, valueAt, valueLength } = pairs
  const pages = level.starts.length
  for (let p = 0; p < pages; p++) {
    const pgno = level.firstPgno + p
    const at = pgno * pageSize
    const end = level.starts[p + 1] ?? pairs.count
    let low = at + pageSize
    let index = at + PAGE_HEADER
    for (let i = level.starts[p]!; i < end; i++) {
      low = writeLeafItem(file, low, bytes, keyAt[i]!, keyLength[i]!)
      index = writeUint16(file, index, low - at)
      low = writeLeafItem(file, low, bytes, valueAt[i]!, valueLength[i]!)
      index = writeUint16(file, index, low - at)
    }
    writePageHeader(file, at, {
      pgno,
      prev: p > 0 ? pgno - 1 : NO_PAGE,
      next: p < pages - 1 ? pgno + 1 : NO_PAGE,
      entries: 2 * (end - level.starts[p]!),
      lowest: low - at,
      level: 1,
      type: PageType.BTREE_LEAF,
    })
  }
}

/** Writes below `end` and returns where the item begins. */
function writeLeafItem(file: Buffer, end: number, bytes: Uint8Array, from: number, length: number): number {
  const at = end - align4(LEAF_ITEM + length)
  writeUint16(file, at, length)
  file[at + 2] = B_KEYDATA
  for (let i = 0; i < length; i++) file[at + LEAF_ITEM + i] = bytes[from + i]!
  return at
}

function writeInternals(
  file: Buffer,
  height: number,
  level: Level,
  below: Level,
  { bytes, keyAt, keyLength }: PackedPairs,
  pageSize: number,
): void {
  for (let p = 0; p < level.starts.length; p++) {
    const pgno = level.firstPgno + p
    const at = pgno * pageSize
    const first = level.starts[p]!
    const end = level.starts[p + 1] ?? below.starts.length
    let low = at + pageSize
    for (let child = first; child < end; child++) {
      const key = below.firstKeys[child]!
      // The first key of an internal page is less than any other by definition, so it is left empty.
      const length = child === first ? 0 : keyLength[key]!
      low -= align4(INTERNAL_ITEM + length)
      writeUint16(file, low, length)
      file[low + 2] = B_KEYDATA
      file.writeUInt32LE(below.firstPgno + child, low + 4)
      file.set(bytes.subarray(keyAt[key]!, keyAt[key]! + length), low + INTERNAL_ITEM)
      writeUint16(file, at + PAGE_HEADER + INDEX * (child - first), low - at)
    }
    writePageHeader(file, at, {
      pgno,
      prev: NO_PAGE,
      next: NO_PAGE,
      entries: end - first,
      lowest: low - at,
      level: height,
      type: PageType.BTREE_INTERNAL,
    })
  }
}
