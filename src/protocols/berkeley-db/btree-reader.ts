// Berkeley DB btree, read: our own files and those of rpc.dracd, whatever page size and history they have.
import { malformed, unsupported } from '../../lib/errors.ts'
import { B_KEYDATA, BTREE_MAGIC, BtreeMeta, INTERNAL_ITEM, LEAF_ITEM } from './btree.ts'
import { checkKind, checkPageSize, Meta, NO_PAGE, PAGE_HEADER, Page, PageType } from './page.ts'

/** Set in an item's type when it was deleted while a cursor stood on it. */
const B_DELETE = 0x80
/** A path from the root longer than this is a loop. */
const MAX_LEVELS = 255

/**
 * A view on the bytes of a whole file; nothing is copied. Every offset is checked before it is followed.
 * Overflow pages, duplicates, encryption, checksums and big-endian files are `unsupported`: no relay map has them.
 */
export class BtreeReader {
  readonly pageSize: number
  readonly #file: Buffer
  readonly #root: number
  readonly #pages: number

  /** Throws `malformed` or `unsupported`. */
  constructor(bytes: Uint8Array) {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    checkKind(file, BTREE_MAGIC)
    this.#file = file
    this.pageSize = file.readUInt32LE(Meta.PAGE_SIZE)
    checkPageSize(this.pageSize)
    this.#pages = Math.floor(file.length / this.pageSize)
    this.#root = file.readUInt32LE(BtreeMeta.ROOT)
  }

  /** Every pair, ascending; keys and values as latin1 strings. Throws `malformed` or `unsupported` where the file is. */
  *entries(): Generator<readonly [key: string, value: string]> {
    let pages = 0
    for (let at = this.#leafFor(undefined); at !== NO_PAGE; at = this.#next(at)) {
      if (++pages > this.#pages) throw malformed('DRAC_BDB_LOOP', 'the leaves form a ring')
      const entries = this.#file.readUInt16LE(at + Page.ENTRIES)
      for (let i = 0; i + 1 < entries; i += 2) {
        const value = this.#leafItem(at, i + 1)
        if (value !== undefined) yield [this.#itemText(at, i, LEAF_ITEM), value]
      }
    }
  }

  /** The value of exactly this key. */
  get(key: string): string | undefined {
    const at = this.#leafFor(key)
    let low = 0
    let high = this.#file.readUInt16LE(at + Page.ENTRIES) >> 1
    while (low < high) {
      const middle = (low + high) >> 1
      const found = this.#itemText(at, 2 * middle, LEAF_ITEM)
      if (found === key) return this.#leafItem(at, 2 * middle + 1)
      if (found < key) low = middle + 1
      else high = middle
    }
    return undefined
  }

  /** Where the leaf begins that holds `key` if any does; the first leaf when no key is given. */
  #leafFor(key: string | undefined): number {
    let at = this.#page(this.#root)
    for (let level = 0; level < MAX_LEVELS; level++) {
      const type = this.#file[at + Page.TYPE]
      if (type === PageType.BTREE_LEAF) return at
      if (type !== PageType.BTREE_INTERNAL) throw malformed('DRAC_BDB_PAGE', `a page of type ${type} in the tree`)
      at = this.#page(this.#childFor(at, key))
    }
    throw malformed('DRAC_BDB_LOOP', 'the tree has no leaf')
  }

  /** The last child whose first key is not after `key`; the first child stands for everything below the second. */
  #childFor(at: number, key: string | undefined): number {
    const entries = this.#file.readUInt16LE(at + Page.ENTRIES)
    let low = 1
    let high = key === undefined ? 1 : entries
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#itemText(at, middle, INTERNAL_ITEM) <= key!) low = middle + 1
      else high = middle
    }
    return this.#file.readUInt32LE(this.#item(at, low - 1, INTERNAL_ITEM) + 4)
  }

  #next(at: number): number {
    const next = this.#file.readUInt32LE(at + Page.NEXT)
    return next === NO_PAGE ? NO_PAGE : this.#page(next)
  }

  /** Where page `pgno` begins. */
  #page(pgno: number): number {
    if (pgno === 0 || pgno >= this.#pages) {
      throw malformed('DRAC_BDB_TRUNCATED', `page ${pgno} of a file that ends at page ${this.#pages}`)
    }
    return pgno * this.pageSize
  }

  /** Where the item begins. @param header bytes before its text */
  #item(at: number, i: number, header: number): number {
    const index = PAGE_HEADER + 2 * i
    if (i >= this.#file.readUInt16LE(at + Page.ENTRIES) || index + 2 > this.pageSize) {
      throw malformed('DRAC_BDB_PAGE', `item ${i} is not in its page`)
    }
    const offset = this.#file.readUInt16LE(at + index)
    if (offset < PAGE_HEADER || offset + header > this.pageSize) {
      throw malformed('DRAC_BDB_PAGE', `item ${i} lies outside its page`)
    }
    return at + offset
  }

  #itemText(at: number, i: number, header: number): string {
    const item = this.#item(at, i, header)
    const type = this.#file[item + 2]! & ~B_DELETE
    if (type !== B_KEYDATA) throw unsupported('DRAC_BDB_ITEM_TYPE', `an item of type ${type}: overflow or duplicates`)
    const end = item + header + this.#file.readUInt16LE(item)
    if (end > at + this.pageSize) throw malformed('DRAC_BDB_PAGE', `item ${i} runs over the end of its page`)
    return this.#file.toString('latin1', item + header, end)
  }

  /** Undefined when it is marked as deleted: Berkeley DB marks both halves of a pair. */
  #leafItem(at: number, i: number): string | undefined {
    const text = this.#itemText(at, i, LEAF_ITEM)
    return this.#file[this.#item(at, i, LEAF_ITEM) + 2]! & B_DELETE ? undefined : text
  }
}
