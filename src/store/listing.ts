// Walks the table from one consistent state, however long the walk takes and whatever is written meanwhile.
import { DatabaseSync } from 'node:sqlite'
import type { Authorization } from '../core/authorization.ts'
import type { ListQuery } from '../core/authorization-store.ts'
import type { RelayKey } from '../lib/prefix.ts'
import type { SourceTable } from './source-table.ts'
import { arrays } from './tables.ts'

type Row = [address: string, expiry: number, firstSeen: number, lastSeen: number, source: number]

/**
 * The entries that match, in order of key. A connection of its own holds a read transaction, from the first entry to the
 * last; as long as it is open, the WAL cannot start over, so nobody should keep one for hours.
 * @param open called with what ends the walk early, for when the store closes
 */
export function* listing(
  path: string,
  query: ListQuery,
  sources: SourceTable,
  open: Set<DatabaseSync>,
): Generator<Authorization, undefined, undefined> {
  const { sql, values } = select(query, sources)
  const db = new DatabaseSync(path, { readOnly: true, timeout: 1000 })
  open.add(db)
  try {
    for (const row of arrays(db, sql).iterate(...values)) {
      const [key, expiresAt, firstSeen, lastSeen, source] = row as unknown as Row
      yield { key: key as RelayKey, expiresAt, firstSeen, lastSeen, source: sources.nameOf(source) }
    }
  } finally {
    open.delete(db)
    if (db.isOpen) db.close()
  }
  return undefined
}

function select(query: ListQuery, sources: SourceTable): { sql: string; values: (string | number)[] } {
  const where: string[] = []
  const values: (string | number)[] = []
  const add = (condition: string, value: string | number): void => {
    where.push(condition)
    values.push(value)
  }
  if (query.user !== undefined) add('address IN (SELECT address FROM login WHERE user = ?)', query.user)
  if (query.after !== undefined) add('address > ?', query.after)
  if (query.now !== undefined) add('expiry >= ?', query.now)
  if (query.source !== undefined) where.push(`source IN (${sources.startingWith(query.source).join(', ')})`)
  let sql = 'SELECT address, expiry, first_seen, last_seen, source FROM authorization'
  if (where.length > 0) sql += ` WHERE ${where.join(' AND ')}`
  sql += ' ORDER BY address LIMIT ?'
  values.push(query.limit ?? -1)
  return { sql, values }
}
