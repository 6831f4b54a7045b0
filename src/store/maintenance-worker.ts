// The thread that does what takes long, on a connection of its own, so that look-ups and logins go on meanwhile:
// checkpoints, the integrity check, and changes to every row. Started by maintenance.ts, which names the jobs.
import { DatabaseSync, type StatementResultingChanges } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { JobName, JobReply, JobRequest, JobResult } from './maintenance.ts'

const { path } = workerData as { path: string }

let connection: DatabaseSync | undefined

/** FULL: what these jobs commit is durable when they say so. */
function database(): DatabaseSync {
  if (connection) return connection
  connection = new DatabaseSync(path, { timeout: 5000 })
  connection.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864')
  return connection
}

function checkpoint(): { frames: number; copied: number } {
  const row = database().prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as { log: number; checkpointed: number }
  return { frames: row.log, copied: row.checkpointed }
}

const JOBS: { readonly [name in JobName]: (argument: number) => JobResult[name] } = {
  checkpoint,
  /**
   * With no other writer about, the whole WAL is copied; the write that follows starts the WAL from its beginning. That
   * write is made here because its header is synced, which would hold up the event loop.
   */
  restart() {
    const result = checkpoint()
    if (result.copied === result.frames) {
      database().exec("INSERT OR REPLACE INTO state VALUES ('wal_restarted', strftime('%s', 'now'))")
    }
    return result
  },
  /** A fresh connection, which has no page in memory: what is on the disk counts. Returns the first damage found. */
  check() {
    using db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    const found = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
    return found === 'ok' ? undefined : String(found).replace('*** in database main ***', 'integrity check:')
  },
  shift(seconds) {
    return transaction((db) => {
      db.prepare('UPDATE login SET last_seen = last_seen + ?').run(seconds)
      db.prepare('UPDATE revocation SET at = at + ?').run(seconds)
      // A floor of 0 is none.
      db.prepare(
        `UPDATE session SET opened_at = opened_at + ?1, lease_until = lease_until + ?1,
                            floor = CASE WHEN floor > 0 THEN floor + ?1 ELSE floor END`,
      ).run(seconds)
      return db
        .prepare(
          'UPDATE authorization SET expiry = expiry + ?1, first_seen = first_seen + ?1, last_seen = last_seen + ?1',
        )
        .run(seconds)
    })
  },
  clamp(latest) {
    return transaction((db) => db.prepare('UPDATE authorization SET expiry = ?1 WHERE expiry > ?1').run(latest))
  },
  close() {
    connection?.close()
    connection = undefined
    return undefined
  },
}

/** Returns the number of rows that `work` says it changed. */
function transaction(work: (db: DatabaseSync) => StatementResultingChanges): number {
  const db = database()
  db.exec('BEGIN IMMEDIATE')
  try {
    const { changes } = work(db)
    db.exec('COMMIT')
    return Number(changes)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

parentPort!.on('message', ({ id, name, argument }: JobRequest) => {
  let reply: JobReply
  try {
    reply = { id, result: JOBS[name](argument) }
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: string; errcode?: number }
    reply = { id, error: { message, code, errcode } }
  }
  parentPort!.postMessage(reply)
})
