// Berkeley DB 5.3 files, little endian: what btree and hash have in common. Page layout as dbinc/db_page.h has it,
// seen in files of db5.3_load. A file is one metadata page and then pages of one size.
import { createHash } from 'node:crypto'
import { malformed, unsupported } from '../../lib/errors.ts'

/** Of the file format; both types have had 9 since Berkeley DB 4. */
export const VERSION = 9
export const PAGE_HEADER = 26
export const NO_PAGE = 0
/** LSN offset of a page that no log knows. */
const NOT_LOGGED = 1
const UID_BYTES = 20

export const PageType = {
  HASH_UNSORTED: 2,
  BTREE_INTERNAL: 3,
  BTREE_LEAF: 5,
  HASH_META: 8,
  BTREE_META: 9,
  HASH: 13,
} as const
export type PageType = (typeof PageType)[keyof typeof PageType]

/** Offsets in the metadata page. */
export const Meta = {
  PGNO: 8,
  MAGIC: 12,
  VERSION: 16,
  PAGE_SIZE: 20,
  ENCRYPT_ALG: 24,
  TYPE: 25,
  FLAGS: 26,
  LAST_PGNO: 32,
  UID: 52,
} as const

/** Offsets in every other page; the index of item offsets begins at PAGE_HEADER, items grow down from the page's end. */
export const Page = { PGNO: 8, PREV: 12, NEXT: 16, ENTRIES: 20, HF_OFFSET: 22, LEVEL: 24, TYPE: 25 } as const

export const align4 = (size: number): number => (size + 3) & ~3

/**
 * The longest key or value, in bytes, that is kept on its page (B_MINKEY_TO_OVFLSIZE with the default minkey of 2):
 * 1007 at a page size of 4096, 111 at 512. Longer ones go to overflow pages, which we neither write nor read.
 */
export const maxItemBytes = (pageSize: number): number => Math.floor((pageSize - PAGE_HEADER) / 4) - 10

/** Throws `malformed` DRAC_BDB_PAGE_SIZE. */
export function checkPageSize(pageSize: number): void {
  if (pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0) return
  throw malformed('DRAC_BDB_PAGE_SIZE', `page size ${pageSize}: must be a power of two from 512 to 65536`)
}

/** The magic numbers of btree and hash, and what to call them. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [0x00053162, 'btree'],
  [0x00061561, 'hash'],
])

/** Throws `malformed` when it is no Berkeley DB file, `unsupported` when it is one that we cannot read as `magic`. */
export function checkKind(file: Buffer, magic: number): void {
  if (file.length < 512) throw malformed('DRAC_BDB_TRUNCATED', `${file.length} bytes are no Berkeley DB file`)
  const kind = KINDS.get(magic)
  const found = file.readUInt32LE(Meta.MAGIC)
  if (found !== magic) {
    const known = KINDS.has(found) || KINDS.has(file.readUInt32BE(Meta.MAGIC))
    if (known) throw unsupported('DRAC_BDB_KIND', `a Berkeley DB file, but not a little-endian ${kind}`)
    throw malformed('DRAC_BDB_MAGIC', 'not a Berkeley DB file')
  }
  const version = file.readUInt32LE(Meta.VERSION)
  if (version !== VERSION) throw unsupported('DRAC_BDB_VERSION', `${kind} version ${version}, not ${VERSION}`)
  if (file[Meta.ENCRYPT_ALG] !== 0 || file[Meta.FLAGS] !== 0) {
    throw unsupported('DRAC_BDB_KIND', `a ${kind} with encryption, checksums or partitions`)
  }
}

export interface MetaPage {
  readonly magic: number
  readonly type: PageType
  readonly pageSize: number
  readonly lastPgno: number
}

/** Fills in what every metadata page has; `file` is zeroed. */
export function writeMeta(file: Buffer, { magic, type, pageSize, lastPgno }: MetaPage): void {
  file.writeUInt32LE(NOT_LOGGED, 4)
  file.writeUInt32LE(magic, Meta.MAGIC)
  file.writeUInt32LE(VERSION, Meta.VERSION)
  file.writeUInt32LE(pageSize, Meta.PAGE_SIZE)
  file[Meta.TYPE] = type
  file.writeUInt32LE(lastPgno, Meta.LAST_PGNO)
}

/**
 * Sets the file id, by which caches tell files apart: a digest of all the rest, so that files with the same id are the
 * same. Berkeley DB takes any 20 bytes.
 */
export function writeFileId(file: Buffer): void {
  file.fill(0, Meta.UID, Meta.UID + UID_BYTES)
  createHash('sha256').update(file).digest().copy(file, Meta.UID, 0, UID_BYTES)
}

/** The file id in hexadecimal. */
export const fileId = (file: Uint8Array): string =>
  Buffer.from(file.subarray(Meta.UID, Meta.UID + UID_BYTES)).toString('hex')

export interface PageHeader {
  readonly pgno: number
  readonly prev: number
  readonly next: number
  readonly entries: number
  /** Offset of the lowest item in the page; the page size when there is none. */
  readonly lowest: number
  /** 1 for a btree leaf, one more for each floor above it. */
  readonly level: number
  readonly type: PageType
}

/** @param at where the page begins in `file` */
export function writePageHeader(file: Buffer, at: number, header: PageHeader): void {
  file.writeUInt32LE(NOT_LOGGED, at + 4)
  file.writeUInt32LE(header.pgno, at + Page.PGNO)
  file.writeUInt32LE(header.prev, at + Page.PREV)
  file.writeUInt32LE(header.next, at + Page.NEXT)
  file.writeUInt16LE(header.entries, at + Page.ENTRIES)
  // 65536 does not fit and is written as 0.
  file.writeUInt16LE(header.lowest & 0xffff, at + Page.HF_OFFSET)
  file[at + Page.LEVEL] = header.level
  file[at + Page.TYPE] = header.type
}

/** For what is written by the hundred thousand, where Buffer's own checks cost more than the writing. Returns where it ends. */
export function writeUint16(file: Buffer, at: number, value: number): number {
  file[at] = value & 255
  file[at + 1] = value >>> 8
  return at + 2
}
