import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Names of reporters, each stored once; an authorization carries the number. All of them are kept in memory. */
export class SourceTable {
  readonly #insert: StatementSync
  readonly #ids = new Map<string, number>()
  readonly #names = new Map<number, string>()

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT INTO source (name) VALUES (?)')
    for (const { id, name } of db.prepare('SELECT id, name FROM source').all() as { id: number; name: string }[]) {
      this.#learn(id, name)
    }
  }

  has(name: string): boolean {
    return this.#ids.has(name)
  }

  /** The number of a source, given to it now when it is new. */
  idOf(name: string): number {
    return this.#ids.get(name) ?? this.#learn(Number(this.#insert.run(name).lastInsertRowid), name)
  }

  nameOf(id: number): string {
    return this.#names.get(id) ?? ''
  }

  startingWith(beginning: string): number[] {
    return [...this.#ids].filter(([name]) => name.startsWith(beginning)).map(([, id]) => id)
  }

  #learn(id: number, name: string): number {
    this.#ids.set(name, id)
    this.#names.set(id, name)
    return id
  }
}
