// Berkeley DB btree, written whole: sorted pairs to the bytes of a file. Every leaf is full, so a file is as small as
// it can be; db5.3_verify and db5.3_dump accept it. The reader is btree-reader.ts.
import { malformed } from '../../lib/errors.ts'
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
 * Strings stand for bytes, a character each (latin1); a trailing NUL is the caller's to add.
 * Throws `malformed`: DRAC_BDB_ORDER when keys are not strictly ascending, DRAC_BDB_ITEM when a key or value is longer
 * than `maxItemBytes`.
 * @param keys ascending by byte, a key before the longer ones that begin with it: the order of JavaScript's `<`
 * @param values one for each key, or the one that all have
 */
export function encodeBtree(
  keys: readonly string[],
  values: readonly string[] | string,
  { pageSize = 4096 }: BtreeOptions = {},
): Buffer<ArrayBuffer> {
  checkPageSize(pageSize)
  const leaves = fillLeaves(keys, values, pageSize)
  const levels = stackLevels(keys, leaves, pageSize)
  const lastPgno = levels.reduce((pages, level) => pages + level.starts.length, 0)
  const file = Buffer.alloc((lastPgno + 1) * pageSize)
  writeMeta(file, { magic: BTREE_MAGIC, type: PageType.BTREE_META, pageSize, lastPgno })
  file.writeUInt32LE(2, BtreeMeta.MINKEY)
  file.writeUInt32LE(0x20, BtreeMeta.RE_PAD)
  file.writeUInt32LE(ROOT, BtreeMeta.ROOT)
  writeLeaves(file, levels[0]!, keys, values, pageSize)
  for (let i = 1; i < levels.length; i++) writeInternals(file, i + 1, levels[i]!, levels[i - 1]!, keys, pageSize)
  writeFileId(file)
  return file
}

/** The index of the first pair of each leaf. An empty tree has one empty leaf. */
function fillLeaves(keys: readonly string[], values: readonly string[] | string, pageSize: number): number[] {
  const limit = maxItemBytes(pageSize)
  const starts = [0]
  let used = PAGE_HEADER
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const value = typeof values === 'string' ? values : values[i]!
    if (i > 0 && keys[i - 1]! >= key) throw malformed('DRAC_BDB_ORDER', `key ${i} is not after the one before it`)
    if (key.length > limit || value.length > limit) {
      throw malformed('DRAC_BDB_ITEM', `pair ${i}: over ${limit} bytes at a page size of ${pageSize}`)
    }
    const size = 2 * INDEX + align4(LEAF_ITEM + key.length) + align4(LEAF_ITEM + value.length)
    if (used + size > pageSize) {
      starts.push(i)
      used = PAGE_HEADER
    }
    used += size
  }
  return starts
}

/** The levels from the leaves up to the root, which is page 1 as Berkeley DB always has it. */
function stackLevels(keys: readonly string[], leaves: readonly number[], pageSize: number): Level[] {
  const levels: Level[] = []
  let next = ROOT + 1
  for (let starts = leaves, firstKeys = leaves; ; ) {
    levels.push({ firstPgno: starts.length === 1 ? ROOT : next, starts, firstKeys })
    if (starts.length === 1) return levels
    next += starts.length
    const below = firstKeys
    starts = fillInternals(keys, below, pageSize)
    firstKeys = starts.map((child) => below[child]!)
  }
}

/** The index of the first child of each internal page. @param below the first key under each child */
function fillInternals(keys: readonly string[], below: readonly number[], pageSize: number): number[] {
  const starts: number[] = []
  let used = pageSize
  for (let child = 0; child < below.length; child++) {
    let size = INDEX + align4(INTERNAL_ITEM + keys[below[child]!]!.length)
    if (used + size > pageSize) {
      starts.push(child)
      used = PAGE_HEADER
      size = INDEX + INTERNAL_ITEM
    }
    used += size
  }
  return starts
}

function writeLeaves(
  file: Buffer,
  level: Level,
  keys: readonly string[],
  values: readonly string[] | string,
  pageSize: number,
): void {
  const pages = level.starts.length
  for (let p = 0; p < pages; p++) {
    const pgno = level.firstPgno + p
    const at = pgno * pageSize
    const end = level.starts[p + 1] ?? keys.length
    let low = at + pageSize
    let index = at + PAGE_HEADER
    for (let i = level.starts[p]!; i < end; i++) {
      low = writeLeafItem(file, low, keys[i]!)
      file.writeUInt16LE(low - at, index)
      low = writeLeafItem(file, low, typeof values === 'string' ? values : values[i]!)
      file.writeUInt16LE(low - at, index + INDEX)
      index += 2 * INDEX
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
function writeLeafItem(file: Buffer, end: number, item: string): number {
  const at = end - align4(LEAF_ITEM + item.length)
  file.writeUInt16LE(item.length, at)
  file[at + 2] = B_KEYDATA
  file.write(item, at + LEAF_ITEM, 'latin1')
  return at
}

function writeInternals(
  file: Buffer,
  height: number,
  level: Level,
  below: Level,
  keys: readonly string[],
  pageSize: number,
): void {
  for (let p = 0; p < level.starts.length; p++) {
    const pgno = level.firstPgno + p
    const at = pgno * pageSize
    const first = level.starts[p]!
    const end = level.starts[p + 1] ?? below.starts.length
    let low = at + pageSize
    for (let child = first; child < end; child++) {
      // The first key of an internal page is less than any other by definition, so it is left empty.
      low = writeInternalItem(file, low, below.firstPgno + child, child === first ? '' : keys[below.firstKeys[child]!]!)
      file.writeUInt16LE(low - at, at + PAGE_HEADER + INDEX * (child - first))
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

function writeInternalItem(file: Buffer, end: number, child: number, key: string): number {
  const at = end - align4(INTERNAL_ITEM + key.length)
  file.writeUInt16LE(key.length, at)
  file[at + 2] = B_KEYDATA
  file.writeUInt32LE(child, at + 4)
  file.write(key, at + INTERNAL_ITEM, 'latin1')
  return at
}
