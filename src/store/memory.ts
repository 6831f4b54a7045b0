// The same store without a disk, for tests of other rooms. What both must do is in contract.ts.
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
import { tempfail } from '../lib/errors.ts'
import { containsKey, prefixOfKey, type RelayKey } from '../lib/prefix.ts'

export interface MemoryStoreOptions {
  readonly maxEntries?: number
  /** Entries that one call of `sweep` looks at. */
  readonly slice?: number
}

export class MemoryStore implements AuthorizationStore {
  readonly #maxEntries: number
  readonly #slice: number
  readonly #entries = new Map<RelayKey, Authorization>()
  readonly #logins = new Map<RelayKey, Map<string, Login>>()
  readonly #sessions = new Map<string, Session>()
  readonly #revocations = new Map<RelayKey, number>()
  #sweepAt = ''
  #reclaimed: Authorization[] = []
  #health: StoreHealth = { state: 'up' }
  #closed = false

  constructor({ maxEntries = 1_000_000, slice = 2000 }: MemoryStoreOptions = {}) {
    this.#maxEntries = maxEntries
    this.#slice = slice
  }

  /** For tests of what others do when the store is in trouble. */
  goDown(reason: string, since = 0): void {
    this.#health = { state: 'down', reason, since }
  }

  comeUp(): void {
    this.#health = { state: 'up' }
  }

  get(key: RelayKey): Authorization | undefined {
    this.#mustBeUp()
    return this.#entries.get(key)
  }

  widths(family: 4 | 6): readonly number[] {
    this.#mustBeUp()
    const widths = new Set<number>()
    for (const key of this.#entries.keys()) {
      if (key.includes('/') && key.includes(':') === (family === 6)) widths.add(prefixOfKey(key).width)
    }
    return [...widths].sort((a, b) => b - a)
  }

  async put(put: Put): Promise<PutResult> {
    this.#mustBeUp()
    const { key, now, source } = put
    const found = this.#entries.get(key)
    const before = found && found.expiresAt >= now ? found : undefined
    if (found && !before) this.#logins.delete(key)
    if (!found && this.#entries.size >= this.#maxEntries && !this.#makeRoom(now)) return { status: 'table-full' }
    const expiresAt = Math.max(before?.expiresAt ?? put.expiresAt, put.expiresAt)
    const authorization = { key, expiresAt, firstSeen: before?.firstSeen ?? now, lastSeen: now, source }
    this.#entries.set(key, authorization)
    if (put.user !== undefined || put.note !== undefined) this.#login(put)
    return { status: before ? 'renewed' : 'added', authorization }
  }

  async delete(key: RelayKey): Promise<Authorization | undefined> {
    this.#mustBeUp()
    const found = this.#entries.get(key)
    this.#entries.delete(key)
    this.#logins.delete(key)
    return found
  }

  async shorten(key: RelayKey, expiresAt: number): Promise<Authorization | undefined> {
    this.#mustBeUp()
    const found = this.#entries.get(key)
    if (found === undefined || found.expiresAt <= expiresAt) return undefined
    const shorter = { ...found, expiresAt }
    this.#entries.set(key, shorter)
    return shorter
  }

  sessionRows(): SessionRows {
    this.#mustBeUp()
    return { sessions: [...this.#sessions.values()], revocations: new Map(this.#revocations) }
  }

  async putSession(session: Session): Promise<void> {
    this.#mustBeUp()
    this.#sessions.set(session.id, session)
  }

  async deleteSessions(ids: readonly string[]): Promise<void> {
    this.#mustBeUp()
    for (const id of ids) this.#sessions.delete(id)
  }

  async putRevocation(key: RelayKey, at: number | undefined): Promise<void> {
    this.#mustBeUp()
    if (at === undefined) this.#revocations.delete(key)
    else this.#revocations.set(key, at)
  }

  async sweep(now: number): Promise<{ readonly expired: readonly Authorization[]; readonly done: boolean }> {
    this.#mustBeUp()
    const keys = this.#sorted().filter((key) => key > this.#sweepAt)
    const slice = keys.slice(0, this.#slice)
    const done = slice.length < this.#slice
    this.#sweepAt = done ? '' : slice.at(-1)!
    const expired = [...this.#reclaimed, ...this.#reclaim(slice, now)]
    this.#reclaimed = []
    return { expired, done }
  }

  *list({ now, user, source, after, limit = Number.POSITIVE_INFINITY }: ListQuery): IterableIterator<Authorization> {
    this.#mustBeUp()
    const matches = (entry: Authorization): boolean =>
      (now === undefined || entry.expiresAt >= now) &&
      (source === undefined || entry.source.startsWith(source)) &&
      (user === undefined || this.#logins.get(entry.key)?.has(user) === true)
    const entries = this.#sorted()
      .filter((key) => after === undefined || key > after)
      .map((key) => this.#entries.get(key)!)
      .filter(matches)
    for (const entry of entries.slice(0, limit)) {
      this.#mustBeUp()
      yield entry
    }
  }

  async search({ text, network, sort, descending, offset, limit, ...rest }: SearchQuery): Promise<SearchPage> {
    const needle = text?.toLowerCase()
    const found = [...this.list(rest)].filter(
      ({ key, source }) =>
        (network === undefined || containsKey(network, key)) &&
        (needle === undefined ||
          [key, source, ...this.logins(key).map(({ user }) => user)].some((of) => of.toLowerCase().includes(needle))),
    )
    const value = ({ key, expiresAt, lastSeen }: Authorization): string | number =>
      ({ address: key, expires_at: expiresAt, last_seen: lastSeen })[sort]
    const less = (a: Authorization, b: Authorization): number =>
      value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0
    found.sort((a, b) => (descending ? less(b, a) : less(a, b)) || (a.key < b.key ? -1 : 1))
    return { total: found.length, entries: found.slice(offset, offset + limit) }
  }

  logins(key: RelayKey): readonly Login[] {
    this.#mustBeUp()
    return [...(this.#logins.get(key)?.values() ?? [])].sort((a, b) => (a.user < b.user ? -1 : 1))
  }

  count(): number {
    this.#mustBeUp()
    return this.#entries.size
  }

  async shift(seconds: number): Promise<void> {
    this.#mustBeUp()
    for (const [key, entry] of this.#entries) {
      const { expiresAt, firstSeen, lastSeen } = entry
      this.#entries.set(key, {
        ...entry,
        expiresAt: expiresAt + seconds,
        firstSeen: firstSeen + seconds,
        lastSeen: lastSeen + seconds,
      })
    }
    for (const [key, at] of this.#revocations) this.#revocations.set(key, at + seconds)
    for (const [id, session] of this.#sessions) {
      const { openedAt, leaseUntil, floor } = session
      const moved = { ...session, openedAt: openedAt + seconds, leaseUntil: leaseUntil + seconds }
      this.#sessions.set(id, floor ? { ...moved, floor: floor + seconds } : moved)
    }
    for (const users of this.#logins.values()) {
      for (const [user, login] of users) users.set(user, { ...login, lastSeen: login.lastSeen + seconds })
    }
  }

  async clamp(latest: number): Promise<void> {
    this.#mustBeUp()
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAt > latest) this.#entries.set(key, { ...entry, expiresAt: latest })
    }
  }

  health(): StoreHealth {
    return this.#health
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #login({ key, user = '', source, now, note }: Put): void {
    const users = this.#logins.get(key) ?? new Map<string, Login>()
    const kept = note ?? users.get(user)?.note
    users.set(user, { user, source, lastSeen: now, ...(kept === undefined ? {} : { note: kept }) })
    this.#logins.set(key, users)
  }

  #makeRoom(now: number): boolean {
    this.#reclaimed.push(...this.#reclaim([...this.#entries.keys()], now))
    return this.#entries.size < this.#maxEntries
  }

  #reclaim(keys: readonly RelayKey[], now: number): Authorization[] {
    const expired = keys.map((key) => this.#entries.get(key)!).filter((entry) => entry.expiresAt < now)
    for (const { key } of expired) {
      this.#entries.delete(key)
      this.#logins.delete(key)
    }
    return expired
  }

  #sorted(): RelayKey[] {
    return [...this.#entries.keys()].sort()
  }

  #mustBeUp(): void {
    if (this.#closed) throw tempfail('DRAC_STORE_CLOSED', 'the store is closed')
    if (this.#health.state === 'down') throw tempfail('DRAC_STORE_DOWN', this.#health.reason)
  }
}
