import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Login } from '../core/authorization.ts'
import type { Put } from '../core/authorization-store.ts'
import type { RelayKey } from '../lib/prefix.ts'
import type { SourceTable } from './source-table.ts'

/** Users remembered for one address; the latest stay. A large NAT gateway may have very many. */
export const MAX_LOGINS = 256

interface Row {
  readonly user: string
  readonly source: number
  readonly last_seen: number
  readonly note: string | null
}

/** Who logged in from an address. Nothing is spent on it as long as no report names a user. */
export class LoginTable {
  readonly #update: StatementSync
  readonly #insert: StatementSync
  readonly #trim: StatementSync
  readonly #select: StatementSync
  readonly #delete: StatementSync
  readonly #deleteOrphans: StatementSync
  #used: boolean

  constructor(db: DatabaseSync) {
    this.#update = db.prepare(
      'UPDATE login SET source = ?, last_seen = ?, note = coalesce(?, note) WHERE address = ? AND user = ?',
    )
    this.#insert = db.prepare('INSERT INTO login (source, last_seen, note, address, user) VALUES (?, ?, ?, ?, ?)')
    this.#trim = db.prepare(
      `DELETE FROM login WHERE address = ?1 AND user IN (
         SELECT user FROM login WHERE address = ?1 ORDER BY last_seen DESC LIMIT -1 OFFSET ${MAX_LOGINS})`,
    )
    this.#select = db.prepare('SELECT user, source, last_seen, note FROM login WHERE address = ? ORDER BY user')
    this.#delete = db.prepare('DELETE FROM login WHERE address = ?')
    this.#deleteOrphans = db.prepare(
      `DELETE FROM login WHERE address > ? AND address <= ?
       AND NOT EXISTS (SELECT 1 FROM authorization WHERE authorization.address = login.address)`,
    )
    this.#used = db.prepare('SELECT 1 FROM login LIMIT 1').get() !== undefined
  }

  /** A later report without a note leaves the note. */
  put({ key, now, user = '', note }: Put, source: number): void {
    this.#used = true
    if (this.#update.run(source, now, note ?? null, key, user).changes !== 0) return
    this.#insert.run(source, now, note ?? null, key, user)
    this.#trim.run(key)
  }

  of(key: RelayKey, sources: SourceTable): Login[] {
    if (!this.#used) return []
    return (this.#select.all(key) as unknown as Row[]).map(({ user, source, last_seen, note }) => ({
      user,
      source: sources.nameOf(source),
      lastSeen: last_seen,
      ...(note === null ? {} : { note }),
    }))
  }

  delete(key: RelayKey): void {
    if (this.#used) this.#delete.run(key)
  }

  /** Of the addresses after `after` up to `last`: those that are no longer authorized. */
  deleteOrphans(after: string, last: string): void {
    if (this.#used) this.#deleteOrphans.run(after, last)
  }
}
