// Berkeley DB hash, read: our own files and those of makemap, postmap and an rpc.dracd built with REQ_HASH.
import { malformed, unsupported } from '../../lib/errors.ts'
import { fnvHash, H_KEYDATA, HASH_ITEM, HASH_MAGIC, HashMeta } from './hash.ts'
import { checkKind, checkPageSize, Meta, NO_PAGE, PAGE_HEADER, Page, PageType } from './page.ts'

/**
 * A view on the bytes of a whole file; nothing is copied. Every offset is checked before it is followed.
 * Overflow items, duplicates, encryption, checksums and big-endian files are `unsupported`: no relay map has them.
 */
export class HashReader {
  readonly pageSize: number
  readonly #file: Buffer
  readonly #pages: number

  /** Throws `malformed` or `unsupported`. */
  constructor(bytes: Uint8Array) {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    checkKind(file, HASH_MAGIC)
    this.#file = file
    this.pageSize = file.readUInt32LE(Meta.PAGE_SIZE)
    checkPageSize(this.pageSize)
    this.#pages = Math.floor(file.length / this.pageSize)
    const last = file.readUInt32LE(Meta.LAST_PGNO)
    if (last >= this.#pages) throw malformed('DRAC_BDB_TRUNCATED', `page ${last} of a file of ${this.#pages} pages`)
  }

  /** Every pair, as the pages stand in the file; keys and values as latin1 strings. Throws `malformed` or `unsupported`. */
  *entries(): Generator<readonly [key: string, value: string]> {
    const last = this.#file.readUInt32LE(Meta.LAST_PGNO)
    for (let pgno = 1; pgno <= last; pgno++) {
      const at = pgno * this.pageSize
      const type = this.#file[at + Page.TYPE]
      // Pages that were given back, and those kept for buckets to come, have other types.
      if (type === PageType.HASH || type === PageType.HASH_UNSORTED) yield* this.#pairs(at)
    }
  }

  /** The value of exactly this key. */
  get(key: string): string | undefined {
    let pages = 0
    for (
      let pgno = this.#bucketPage(key);
      pgno !== NO_PAGE;
      pgno = this.#file.readUInt32LE(pgno * this.pageSize + Page.NEXT)
    ) {
      if (pgno >= this.#pages) throw malformed('DRAC_BDB_TRUNCATED', `page ${pgno} of a file of ${this.#pages} pages`)
      if (++pages > this.#pages) throw malformed('DRAC_BDB_LOOP', 'the pages of a bucket form a ring')
      for (const [found, value] of this.#pairs(pgno * this.pageSize)) if (found === key) return value
    }
    return undefined
  }

  #bucketPage(key: string): number {
    const hash = fnvHash(Buffer.from(key, 'latin1'))
    const high = this.#file.readUInt32LE(HashMeta.HIGH_MASK)
    const max = this.#file.readUInt32LE(HashMeta.MAX_BUCKET)
    let bucket = (hash & high) >>> 0
    if (bucket > max) bucket = (bucket & this.#file.readUInt32LE(HashMeta.LOW_MASK)) >>> 0
    // db_log2: the number of doublings after which the bucket was there.
    const doubling = bucket === 0 ? 0 : 32 - Math.clz32(bucket)
    return bucket + this.#file.readUInt32LE(HashMeta.SPARES + 4 * Math.min(doubling, 31))
  }

  *#pairs(at: number): Generator<readonly [key: string, value: string]> {
    const entries = this.#file.readUInt16LE(at + Page.ENTRIES)
    if (PAGE_HEADER + 2 * entries > this.pageSize) throw malformed('DRAC_BDB_PAGE', `${entries} items in one page`)
    for (let i = 0; i + 1 < entries; i += 2) yield [this.#item(at, i), this.#item(at, i + 1)]
  }

  #item(at: number, i: number): string {
    const offset = (item: number): number => this.#file.readUInt16LE(at + PAGE_HEADER + 2 * item)
    const start = offset(i)
    const end = i === 0 ? this.pageSize : offset(i - 1)
    if (start < PAGE_HEADER || start + HASH_ITEM > end || end > this.pageSize) {
      throw malformed('DRAC_BDB_PAGE', `item ${i} lies outside its page`)
    }
    const type = this.#file[at + start]
    if (type !== H_KEYDATA) throw unsupported('DRAC_BDB_ITEM_TYPE', `an item of type ${type}: overflow or duplicates`)
    return this.#file.toString('latin1', at + start + HASH_ITEM, at + end)
  }
}
