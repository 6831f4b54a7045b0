// One open database file: its connection, tables, WAL and maintenance thread. When anything about it fails it is closed
// for good and, later, opened anew.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Authorization } from '../core/authorization.ts'
import type { RelayKey } from '../lib/prefix.ts'
import { type FileState, fileState, prepareDirectory, prepareFile, sameFile, setWalAside, walOf } from './files.ts'
import type { Write } from './group-commit.ts'
import { Maintenance } from './maintenance.ts'
import { ReadTurn } from './read-turn.ts'
import { migrate } from './schema.ts'
import { Tables } from './tables.ts'
import { damage } from './trouble.ts'
import { type Disk, WalSync } from './wal-sync.ts'

/**
 * Small pages: a login at random dirties one page, which is checksummed, copied to the WAL and later to its place. At a
 * million entries 1024 and 2048 cost the same within a tenth, 512 (a deeper tree) and 4096 (more bytes) a little more;
 * 1024 writes the fewer bytes.
 */
const PAGE_SIZE = 1024
/** KiB. The inner pages of a million entries and some leaves; more gains nothing that can be measured. */
const CACHE_KIB = 8192
/** A WAL that grew over this, because a reader held it, is cut when it starts over. */
const WAL_LIMIT = 64 * 1024 * 1024
/** What a WAL grows to between two checkpoints. */
const WAL_RESERVE = 10 * 1024 * 1024
/** What the proof that the file can be written takes: more than what a full disk might still have by chance. */
const PROBE_BYTES = 65_536

export class Database {
  readonly tables: Tables
  readonly maintenance: Maintenance
  /** The last one who had it open closed it, rather than was killed. */
  readonly wasClosed: boolean
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #readTurn: ReadTurn
  readonly #walSync: WalSync
  #checking: Promise<string | undefined> | undefined
  readonly #wal: FileState
  #file: FileState

  /** Opens, migrates, and proves by a durable write that it can be written. Throws `config`, or what SQLite or the system says. */
  constructor(path: string, maxEntries: number, disk?: Disk) {
    this.#path = path
    prepareDirectory(path)
    prepareFile(path)
    // No busy timeout worth the name: the event loop would stand still. Who is refused tries again, see failed() in sqlite-store.ts.
    this.#db = new DatabaseSync(path, { timeout: 20 })
    try {
      this.#db.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA cell_size_check = ON; PRAGMA cache_size = -${CACHE_KIB}`)
      this.wasClosed = this.#pragma('journal_mode') === 'delete'
      migrate(this.#db, path)
      this.#useWal()
      // After a failed sync the system may hold what the disk does not: everything is written and synced anew.
      if (!this.wasClosed) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      this.tables = new Tables(this.#db, maxEntries)
      this.#begin = this.#db.prepare('BEGIN IMMEDIATE')
      this.#commit = this.#db.prepare('COMMIT')
      this.#readTurn = new ReadTurn(this.#db)
      this.#walSync = new WalSync(walOf(path), disk)
    } catch (error) {
      this.#db.close()
      throw error
    }
    try {
      this.#walSync.reserve(WAL_RESERVE)
      this.#probe()
    } catch (error) {
      this.#walSync.close()
      this.#db.close()
      throw error
    }
    this.#file = fileState(path)!
    this.#wal = fileState(walOf(path))!
    this.maintenance = new Maintenance(path)
  }

  get(key: RelayKey): Authorization | undefined {
    this.#readTurn.enter()
    return this.tables.get(key)
  }

  /** Throws when none of the writes took place. */
  transact(writes: readonly Write[]): void {
    this.#readTurn.end()
    this.tables.begin()
    if (writes.length === 1 && writes[0]!.plain()) {
      writes[0]!.run()
      return
    }
    this.#begin.run()
    try {
      for (const write of writes) write.run()
      this.#commit.run()
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  sync(done: (error: Error | null) => void): boolean {
    return this.#walSync.sync(done)
  }

  /** Looks the whole file through; the damage found, if any. In a thread of its own, for the other must not wait for it. */
  async check(): Promise<string | undefined> {
    const thread = new Maintenance(this.#path)
    this.#checking = thread.run('check').finally(() => thread.stop())
    return this.#checking
  }

  /** Throws when the files are no longer the ones that were opened. */
  watch(): void {
    const file = fileState(this.#path)
    const wal = fileState(walOf(this.#path))
    if (file === undefined) throw new Error(`${this.#path} has vanished; dracd starts an empty one`)
    if (!sameFile(file, this.#file)) throw new Error(`${this.#path} was replaced by another file; dracd opens that one`)
    if (file.size < this.#file.size) throw damage(`the file was cut from ${this.#file.size} to ${file.size} bytes`)
    if (wal === undefined || !sameFile(wal, this.#wal))
      throw new Error(`${walOf(this.#path)} has vanished or was replaced`)
  }

  /** Nobody but our own checkpoint has written to the file since `settleFile`. */
  isUntouched(): boolean {
    const file = fileState(this.#path)
    return file?.mtimeMs === this.#file.mtimeMs && file.size === this.#file.size
  }

  /** From here on a change of the file is somebody else's. */
  settleFile(): void {
    this.#file = fileState(this.#path) ?? this.#file
  }

  /**
   * The clean end: everything is in the database file, and that is back in journal_mode DELETE, so that a program which
   * may only read it can do so without -wal and -shm beside it.
   */
  async close(): Promise<void> {
    await this.#stopThreads()
    try {
      this.#readTurn.end()
      this.#db.exec('PRAGMA busy_timeout = 1000; PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE')
    } finally {
      this.#walSync.close()
      this.#db.close()
    }
  }

  /** The end of a file that is not to be trusted. Our connection goes first: the last one copies the WAL, which may take long. */
  async discard(): Promise<void> {
    this.#walSync.close()
    this.#db.close()
    await this.#stopThreads()
    const [file, wal] = [fileState(this.#path), fileState(walOf(this.#path))]
    const isGone = file === undefined || !sameFile(file, this.#file)
    if (isGone && wal && sameFile(wal, this.#wal)) setWalAside(this.#path)
  }

  async #stopThreads(): Promise<void> {
    await this.#checking?.catch(() => undefined)
    await this.maintenance.stop()
  }

  #useWal(): void {
    if (this.#pragma('journal_mode = WAL') !== 'wal') throw new Error('the file cannot be put into WAL mode')
    // Durability is wal-sync.ts's, checkpoints are checkpoints.ts's.
    this.#db.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${WAL_LIMIT}`,
    )
  }

  #probe(): void {
    const write = this.#db.prepare("INSERT OR REPLACE INTO state VALUES ('probe', ?)")
    write.run(new Uint8Array(PROBE_BYTES))
    write.run(null)
    this.#walSync.now()
  }

  #pragma(text: string): unknown {
    return Object.values(this.#db.prepare(`PRAGMA ${text}`).get() ?? {})[0]
  }
}
