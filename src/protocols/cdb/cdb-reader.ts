// cdb, read: https://cr.yp.to/cdb/cdb.txt.
import { malformed } from '../../lib/errors.ts'
import { cdbHash, POINTERS, RECORD_HEADER, SLOT } from './cdb.ts'

/** A view on the bytes of a whole file; nothing is copied. Every offset is checked before it is followed. */
export class CdbReader {
  readonly #file: Buffer

  /** Throws `malformed` when there is not even room for the pointers. */
  constructor(bytes: Uint8Array) {
    this.#file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length < POINTERS) throw malformed('DRAC_CDB_TRUNCATED', `${bytes.length} bytes are no cdb`)
  }

  /** Every record in the order written; keys and data as latin1 strings. Throws `malformed` where the file is. */
  *entries(): Generator<readonly [key: string, data: string]> {
    const end = this.#endOfRecords()
    for (let at = POINTERS; at < end; ) {
      const { key, data, next } = this.#record(at, end)
      yield [key, data]
      at = next
    }
  }

  /** The data of the first record with exactly this key. */
  get(key: string): string | undefined {
    const hash = cdbHash(Buffer.from(key, 'latin1'))
    const { at, slots } = this.#table(hash & 255)
    for (let tried = 0; tried < slots; tried++) {
      const slot = at + SLOT * (((hash >>> 8) + tried) % slots)
      const position = this.#file.readUInt32LE(slot + 4)
      if (position === 0) return undefined
      if (this.#file.readUInt32LE(slot) !== hash) continue
      const record = this.#record(position, this.#file.length)
      if (record.key === key) return record.data
    }
    return undefined
  }

  /** Where the first table begins: the tables follow the records. */
  #endOfRecords(): number {
    let end = this.#file.length
    for (let table = 0; table < 256; table++) end = Math.min(end, this.#table(table).at)
    return end
  }

  #table(table: number): { at: number; slots: number } {
    const at = this.#file.readUInt32LE(8 * table)
    const slots = this.#file.readUInt32LE(8 * table + 4)
    if (at < POINTERS || at + SLOT * slots > this.#file.length) {
      throw malformed('DRAC_CDB_TRUNCATED', `table ${table} lies outside the file`)
    }
    return { at, slots }
  }

  #record(at: number, end: number): { key: string; data: string; next: number } {
    const keyAt = at + RECORD_HEADER
    if (at < POINTERS || keyAt > end) throw malformed('DRAC_CDB_RECORD', `a record at ${at}, outside the records`)
    const dataAt = keyAt + this.#file.readUInt32LE(at)
    const next = dataAt + this.#file.readUInt32LE(at + 4)
    if (next > end) throw malformed('DRAC_CDB_RECORD', `the record at ${at} runs over the end of the records`)
    return {
      key: this.#file.toString('latin1', keyAt, dataAt),
      data: this.#file.toString('latin1', dataAt, next),
      next,
    }
  }
}
