import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Session, SessionRows } from '../core/session.ts'
import type { Address } from '../lib/address.ts'
import type { RelayKey } from '../lib/prefix.ts'
import type { SourceTable } from './source-table.ts'

interface Row {
  readonly id: string
  readonly key: string
  readonly client: string
  readonly user: string | null
  readonly source: number
  readonly opened_at: number
  readonly lease_until: number
  readonly floor: number | null
}

/** Sessions and revocations. They are read once, when the file is opened; the relay table has its own index of them. */
export class SessionTable {
  readonly #db: DatabaseSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #revoke: StatementSync
  readonly #forget: StatementSync

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#put = db.prepare('INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#delete = db.prepare('DELETE FROM session WHERE id = ?')
    this.#revoke = db.prepare('INSERT OR REPLACE INTO revocation VALUES (?, ?)')
    this.#forget = db.prepare('DELETE FROM revocation WHERE key = ?')
  }

  rows(sources: SourceTable): SessionRows {
    const rows = this.#db.prepare('SELECT * FROM session').all() as unknown as Row[]
    const revocations = this.#db.prepare('SELECT key, at FROM revocation').all() as { key: RelayKey; at: number }[]
    return {
      sessions: rows.map((row) => sessionOf(row, sources)),
      revocations: new Map(revocations.map(({ key, at }) => [key, at])),
    }
  }

  put({ id, key, client, user, source, openedAt, leaseUntil, floor }: Session, sources: SourceTable): void {
    this.#put.run(id, key, client, user ?? null, sources.idOf(source), openedAt, leaseUntil, floor ?? null)
  }

  /** @returns rows that there were */
  delete(ids: readonly string[]): number {
    return ids.reduce((rows, id) => rows + Number(this.#delete.run(id).changes), 0)
  }

  putRevocation(key: RelayKey, at: number | undefined): void {
    if (at === undefined) this.#forget.run(key)
    else this.#revoke.run(key, at)
  }
}

const sessionOf = (
  { id, key, client, user, source, opened_at, lease_until, floor }: Row,
  sources: SourceTable,
): Session => ({
  id,
  key: key as RelayKey,
  client: client as Address,
  source: sources.nameOf(source),
  openedAt: opened_at,
  leaseUntil: lease_until,
  ...(user === null ? {} : { user }),
  ...(floor === null ? {} : { floor }),
})
