// The thread that looks through the whole table for people, so that look-ups and logins go on meanwhile.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { SearchQuery } from '../core/authorization-store.ts'
import { containsKey, type Prefix, type RelayKey } from '../lib/prefix.ts'
import type { SearchReply, SearchRequest, SearchRow } from './search.ts'

const { path } = workerData as { path: string }

const SORT = { address: 'address', expires_at: 'expiry', last_seen: 'last_seen' } as const

function search(query: SearchQuery): { total: number; rows: SearchRow[] } {
  using db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  const { where, values } = conditions(db, query)
  const matching = `FROM authorization JOIN source ON source.id = authorization.source WHERE ${where.join(' AND ')}`
  const direction = query.descending ? 'DESC' : 'ASC'
  db.exec('BEGIN')
  const { total } = db.prepare(`SELECT count(*) AS total ${matching}`).get(...values) as { total: number }
  const statement = db.prepare(
    `SELECT address, expiry, first_seen, last_seen, name ${matching}
     ORDER BY ${SORT[query.sort]} ${direction}, address LIMIT ? OFFSET ?`,
  )
  statement.setReturnArrays(true)
  return { total, rows: statement.all(...values, query.limit, query.offset) as unknown as SearchRow[] }
}

function conditions(db: DatabaseSync, { now, text, network, user, source }: SearchQuery) {
  const where = ['expiry >= ?']
  const values: (string | number)[] = [now]
  const add = (condition: string, ...more: (string | number)[]): void => {
    where.push(condition)
    values.push(...more)
  }
  if (user !== undefined) add('address IN (SELECT address FROM login WHERE user = ?)', user)
  if (source !== undefined) add('substr(name, 1, length(?)) = ?', source, source)
  if (network !== undefined) {
    within(db, network)
    add('within(address)')
  }
  if (text !== undefined) {
    const has = (column: string): string => `instr(lower(${column}), lower(?)) > 0`
    const users = `SELECT address FROM login WHERE ${has('user')}`
    add(`(${has('address')} OR ${has('name')} OR address IN (${users}))`, text, text, text)
  }
  return { where, values }
}

const within = (db: DatabaseSync, network: Prefix): void =>
  db.function('within', (address) => (containsKey(network, address as RelayKey) ? 1 : 0))

parentPort!.on('message', ({ id, query }: SearchRequest) => {
  let reply: SearchReply
  try {
    reply = { id, ...search(query) }
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) }
  }
  parentPort!.postMessage(reply)
})
