// The store: authorizations in one SQLite file, answered for only once they are on the disk.
import type { DatabaseSync } from 'node:sqlite'
import type { Authorization, Login } from '../core/authorization.ts'
import type {
  AuthorizationStore,
  ListQuery,
  Put,
  PutResult,
  SearchPage,
  SearchQuery,
  StoreHealth,
} from '../core/authorization-store.ts'
import type { Session, SessionRows } from '../core/session.ts'
import { type Clock, wallClock } from '../lib/clock.ts'
import { DracError, malformed, tempfail } from '../lib/errors.ts'
import type { RelayKey } from '../lib/prefix.ts'
import { Checkpoints } from './checkpoints.ts'
import { Database } from './database.ts'
import { type FileState, fileState, lockStore, prepareDirectory, sameFile } from './files.ts'
import { GroupCommit } from './group-commit.ts'
import { listing } from './listing.ts'
import { Search } from './search.ts'
import type { Slice, Tables } from './tables.ts'
import { damage, describeTrouble, isBusy, ResultCode, resultCode } from './trouble.ts'
import type { Disk } from './wal-sync.ts'

export interface SqliteStoreOptions {
  /** The database file; its directory is made when missing. */
  readonly path: string
  /** Entries that may be stored at once. */
  readonly maxEntries?: number
  /** Called at each change of health, never from within the constructor. */
  readonly onHealth?: (health: StoreHealth) => void
  /** Called after each commit. @param seconds that it took @param writes in it */
  readonly onCommit?: (seconds: number, writes: number) => void
  readonly clock?: Clock
  /** Milliseconds between looks at the files, and between attempts to come up again. */
  readonly watchInterval?: number
  /** For tests: a slow or a broken one. */
  readonly disk?: Disk
}

/** Writes that may wait for a disk that does not answer. */
const MAX_WAITING = 65_536
/** Milliseconds that another program may keep the file locked before we say so. */
const BUSY_LIMIT = 2000

/**
 * `new` throws `config` for what an administrator must mend before a start (a newer schema, a directory that everybody
 * may write to, another dracd on the same file). Any other trouble, then or later, puts the store `down`: reads throw and
 * writes reject with `tempfail` DRAC_STORE_DOWN, until an attempt to open the file and to write to it succeeds.
 */
export class SqliteStore implements AuthorizationStore {
  readonly #path: string
  readonly #maxEntries: number
  readonly #onHealth: (health: StoreHealth) => void
  readonly #clock: Clock
  readonly #disk: Disk | undefined
  readonly #group: GroupCommit
  readonly #search: Search
  readonly #timer: NodeJS.Timeout
  readonly #listings = new Set<DatabaseSync>()
  #lock: { readonly db: DatabaseSync; readonly file: FileState } | undefined
  #database: Database | undefined
  #checkpoints: Checkpoints | undefined
  #health: StoreHealth = { state: 'up' }
  #busySince = 0
  #checking = false
  /** What is left to do with a file that failed. */
  #discarding: Promise<void> = Promise.resolve()
  #recovering = false
  /** The damaged file as we left it: there is no use in opening it again before it has changed. */
  #damaged: FileState | undefined
  #lastAlone: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor({
    path,
    maxEntries = 1_000_000,
    onHealth = () => {},
    onCommit,
    clock = wallClock,
    watchInterval = 1000,
    disk,
  }: SqliteStoreOptions) {
    this.#path = path
    this.#maxEntries = maxEntries
    this.#onHealth = onHealth
    this.#clock = clock
    this.#disk = disk
    this.#search = new Search(path)
    this.#group = new GroupCommit({
      transact: (writes) => this.#open().transact(writes),
      sync: (done) => this.#open().sync(done),
      committed: (seconds, writes) => {
        onCommit?.(seconds, writes)
        this.#committed()
      },
      failed: (error) => this.#failed(error),
    })
    try {
      this.#use(this.#openFile())
    } catch (error) {
      if (error instanceof DracError && error.kind === 'config') {
        this.#lock?.db.close()
        throw error
      }
      this.#health = { state: 'down', reason: describeTrouble(path, error), since: clock() }
      this.#rememberDamage(error)
      queueMicrotask(() => this.#onHealth(this.#health))
    }
    if (this.#database && !this.#database.wasClosed) void this.#check(this.#database)
    this.#timer = setInterval(() => this.#watch(), watchInterval).unref()
  }

  get(key: RelayKey): Authorization | undefined {
    const database = this.#open()
    try {
      return database.get(key)
    } catch (error) {
      throw this.#trouble(error)
    }
  }

  widths(family: 4 | 6): readonly number[] {
    return this.#open().tables.widths.of(family)
  }

  logins(key: RelayKey): readonly Login[] {
    return this.#read((tables) => tables.logins(key))
  }

  count(): number {
    return this.#open().tables.count
  }

  *list(query: ListQuery): IterableIterator<Authorization> {
    const { tables } = this.#open()
    try {
      yield* listing(this.#path, query, tables.sources, this.#listings)
    } catch (error) {
      throw this.#trouble(error)
    }
  }

  /** Entries of a commit under way are not among them. */
  async search(query: SearchQuery): Promise<SearchPage> {
    this.#open()
    return this.#search.run(query)
  }

  put(put: Put): Promise<PutResult> {
    if (!Number.isSafeInteger(put.expiresAt) || !Number.isSafeInteger(put.now)) {
      return Promise.reject(malformed('DRAC_STORE_TIME', 'a time that is not a whole number of seconds'))
    }
    return this.#write((tables) => tables.put(put), put)
  }

  delete(key: RelayKey): Promise<Authorization | undefined> {
    return this.#write((tables) => tables.delete(key))
  }

  shorten(key: RelayKey, expiresAt: number): Promise<Authorization | undefined> {
    return this.#write((tables) => tables.shorten(key, expiresAt))
  }

  sessionRows(): SessionRows {
    return this.#read((tables) => tables.sessionRows())
  }

  putSession(session: Session): Promise<void> {
    return this.#write((tables) => tables.putSession(session))
  }

  deleteSessions(ids: readonly string[]): Promise<void> {
    return this.#write((tables) => tables.deleteSessions(ids))
  }

  putRevocation(key: RelayKey, at: number | undefined): Promise<void> {
    return this.#write((tables) => tables.putRevocation(key, at))
  }

  sweep(now: number): Promise<Slice> {
    return this.#write((tables) => tables.sweep(now))
  }

  async shift(seconds: number): Promise<void> {
    await this.#changeAll((database) => database.maintenance.run('shift', seconds))
  }

  async clamp(latest: number): Promise<void> {
    await this.#changeAll((database) => database.maintenance.run('clamp', latest))
  }

  health(): StoreHealth {
    return this.#health
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The open database. Throws `tempfail` when there is none. */
  #open(): Database {
    if (this.#database) return this.#database
    if (this.#health.state === 'down') throw tempfail('DRAC_STORE_DOWN', this.#health.reason)
    throw tempfail('DRAC_STORE_CLOSED', `${this.#path} is closed`)
  }

  #read<T>(read: (tables: Tables) => T): T {
    const { tables } = this.#open()
    try {
      return read(tables)
    } catch (error) {
      throw this.#trouble(error)
    }
  }

  #write<T>(run: (tables: Tables) => T, put?: Put): Promise<T> {
    return new Promise((resolve, reject) => {
      const { tables } = this.#open()
      if (this.#closing) throw tempfail('DRAC_STORE_CLOSED', `${this.#path} is closed`)
      if (this.#group.waiting >= MAX_WAITING)
        throw tempfail('DRAC_STORE_BUSY', `${this.#path}: the disk does not keep up`)
      let result: T
      this.#group.add({
        plain: () => put !== undefined && tables.isPlain(put),
        run: () => {
          result = run(tables)
        },
        resolve: () => resolve(result),
        reject,
      })
    })
  }

  /** A change to every row, by the maintenance thread: writes wait for it, reads go on with what was before. */
  async #changeAll(change: (database: Database) => Promise<number>): Promise<void> {
    // What was asked before comes before.
    await this.#write(() => undefined)
    await this.#alone(async () => {
      const database = this.#open()
      try {
        this.#checkpoints?.wrote(await change(database))
      } catch (error) {
        throw this.#database === database
          ? this.#trouble(error)
          : tempfail('DRAC_STORE_DOWN', 'the store went down', error)
      }
    })
  }

  /** Runs work while no write does; one such work at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#lastAlone.then(async () => {
      await this.#group.pause()
      try {
        return await work()
      } finally {
        this.#group.resume()
      }
    })
    this.#lastAlone = run.catch(() => undefined)
    return run
  }

  #committed(): void {
    this.#busySince = 0
    this.#checkpoints?.wrote(this.#database?.tables.takeRowsWritten() ?? 0)
  }

  /** A group of writes failed. Another program's lock is waited for a while; everything else is the end of this file. */
  #failed(error: unknown): boolean {
    if (isBusy(error)) {
      if (this.#busySince === 0) this.#busySince = Date.now()
      if (Date.now() - this.#busySince < BUSY_LIMIT) return true
    }
    this.#busySince = 0
    this.#goDown(error)
    return false
  }

  /** What a caller is told; anything but a lock in the way, and an answer of our own, puts the store down. */
  #trouble(error: unknown): DracError {
    if (error instanceof DracError) return error
    if (this.#closing) return tempfail('DRAC_STORE_CLOSED', `${this.#path} is closed`, error)
    if (!isBusy(error)) this.#goDown(error)
    return tempfail('DRAC_STORE_DOWN', describeTrouble(this.#path, error), error)
  }

  #openFile(): Database {
    prepareDirectory(this.#path)
    this.#holdLock()
    return new Database(this.#path, this.#maxEntries, this.#disk)
  }

  #holdLock(): void {
    const file = fileState(`${this.#path}.lock`)
    if (this.#lock && file && sameFile(this.#lock.file, file)) return
    this.#lock?.db.close()
    this.#lock = undefined
    this.#lock = { db: lockStore(this.#path), file: fileState(`${this.#path}.lock`)! }
  }

  #use(database: Database): void {
    this.#database = database
    this.#checkpoints = new Checkpoints(
      database.maintenance,
      (work) => this.#alone(work),
      (error) => {
        if (this.#database !== database || this.#closing) return
        if (error !== undefined && !isBusy(error)) this.#goDown(error)
        else database.settleFile()
      },
    )
  }

  #goDown(error: unknown): void {
    const database = this.#database
    if (!database) return
    this.#database = undefined
    this.#checkpoints = undefined
    const reason = describeTrouble(this.#path, error)
    this.#health = { state: 'down', reason, since: this.#clock() }
    this.#group.abandon(tempfail('DRAC_STORE_DOWN', reason, error))
    this.#closeListings()
    this.#discarding = database
      .discard()
      .catch(() => undefined)
      .then(() => this.#rememberDamage(error))
    this.#onHealth(this.#health)
  }

  #rememberDamage(error: unknown): void {
    const code = resultCode(error)
    const damaged = code === ResultCode.CORRUPT || code === ResultCode.NOTADB
    this.#damaged = damaged ? fileState(this.#path) : undefined
  }

  #watch(): void {
    const database = this.#database
    if (!database) {
      void this.#recover()
      return
    }
    try {
      database.watch()
    } catch (error) {
      this.#goDown(error)
      return
    }
    if (this.#checkpoints?.running || this.#checking || database.isUntouched()) return
    database.settleFile()
    void this.#check(database)
  }

  /** Looks for damage in the background. */
  async #check(database: Database): Promise<void> {
    this.#checking = true
    try {
      const found = await database.check()
      if (found !== undefined) throw damage(found)
    } catch (error) {
      if (this.#database === database && !this.#closing && !isBusy(error)) this.#goDown(error)
    } finally {
      this.#checking = false
    }
  }

  /** Opens the file again, proves that it can be written, and looks for damage before it is trusted. */
  async #recover(): Promise<void> {
    if (this.#recovering || this.#closing) return
    this.#recovering = true
    let database: Database | undefined
    try {
      await this.#discarding
      if (this.#isStillDamaged()) return
      database = this.#openFile()
      const found = await database.check()
      if (found !== undefined) throw damage(found)
      if (this.#closing) return
      this.#use(database)
      database = undefined
      this.#health = { state: 'up' }
      this.#onHealth(this.#health)
    } catch (error) {
      this.#stillDown(error)
      await database?.discard().catch(() => undefined)
      this.#rememberDamage(error)
      database = undefined
    } finally {
      await database?.discard().catch(() => undefined)
      this.#recovering = false
    }
  }

  #isStillDamaged(): boolean {
    if (!this.#damaged) return false
    const file = fileState(this.#path)
    return file !== undefined && sameFile(file, this.#damaged) && file.mtimeMs === this.#damaged.mtimeMs
  }

  /** The reason is kept up to date; only a change of state is told. */
  #stillDown(error: unknown): void {
    if (this.#health.state !== 'down') return
    this.#health = { state: 'down', reason: describeTrouble(this.#path, error), since: this.#health.since }
  }

  #closeListings(): void {
    for (const db of this.#listings) db.close()
    this.#listings.clear()
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#search.stop()
    await this.#group.drain()
    await this.#lastAlone
    this.#closeListings()
    const database = this.#database
    this.#database = undefined
    await database?.close().catch(() => undefined)
    await this.#discarding
    this.#lock?.db.close()
    if (this.#health.state === 'up') this.#group.abandon(tempfail('DRAC_STORE_CLOSED', `${this.#path} is closed`))
  }
}
