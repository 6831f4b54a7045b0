import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RelayKey } from '../lib/prefix.ts'

type Family = 4 | 6

/**
 * Widths of networks that stored keys may have, so that a look-up knows which networks to try. A width is stored with the
 * first key that has it; one that no key has any more goes when a sweep has seen the whole table.
 */
export class WidthTable {
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #inSlice: StatementSync
  readonly #known: Readonly<Record<Family, Set<number>>> = { 4: new Set(), 6: new Set() }
  readonly #sorted: Record<Family, readonly number[]> = { 4: [], 6: [] }
  /** `family/width` met since the sweep began at the start of the table. */
  #met = new Set<string>()

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT OR IGNORE INTO width VALUES (?, ?)')
    this.#delete = db.prepare('DELETE FROM width WHERE family = ? AND width = ?')
    this.#inSlice = db.prepare(
      `SELECT DISTINCT instr(address, ':') > 0 AS v6, CAST(substr(address, instr(address, '/') + 1) AS INTEGER) AS width
       FROM authorization WHERE address > ? AND address <= ? AND instr(address, '/') > 0`,
    )
    const rows = db.prepare('SELECT family, width FROM width').all() as { family: Family; width: number }[]
    for (const { family, width } of rows) this.#known[family].add(width)
    this.#sort()
  }

  /** Longest first. */
  of(family: Family): readonly number[] {
    return this.#sorted[family]
  }

  note(key: RelayKey): void {
    const slash = key.indexOf('/')
    if (slash < 0) return
    const family = key.includes(':') ? 6 : 4
    const width = Number(key.slice(slash + 1))
    this.#met.add(`${family}/${width}`)
    if (this.#known[family].has(width)) return
    this.#insert.run(family, width)
    this.#known[family].add(width)
    this.#sort()
  }

  /** @param end last key of the slice; left out: to the end of the table */
  sawSlice(after: string, end: string | undefined): void {
    if (this.#known[4].size + this.#known[6].size === 0) return
    for (const { v6, width } of this.#inSlice.all(after, end ?? '~') as { v6: number; width: number }[]) {
      this.#met.add(`${v6 ? 6 : 4}/${width}`)
    }
  }

  /** The sweep has reached the end: forgets the widths that it did not meet. */
  sawAll(): void {
    for (const family of [4, 6] as const) {
      for (const width of this.#known[family]) {
        if (this.#met.has(`${family}/${width}`)) continue
        this.#delete.run(family, width)
        this.#known[family].delete(width)
      }
    }
    this.#met = new Set()
    this.#sort()
  }

  #sort(): void {
    for (const family of [4, 6] as const) this.#sorted[family] = [...this.#known[family]].sort((a, b) => b - a)
  }
}
