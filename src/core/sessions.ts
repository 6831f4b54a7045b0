// Who is connected now: what keeps an address authorized between its logins.
import type { Clock } from '../lib/clock.ts'
import type { RelayKey } from '../lib/prefix.ts'
import type { AuthorizationStore } from './authorization-store.ts'
import type { Session } from './session.ts'

/** Sessions followed at once. What comes above is authorized like any login and not renewed. */
const MAX_SESSIONS = 500_000

/**
 * An index in memory over the rows of the store, which are read at first use: reads throw `tempfail` while they cannot be.
 * Every write resolves once durable, and rejects with `tempfail`.
 */
export class Sessions {
  readonly #store: AuthorizationStore
  readonly #clock: Clock
  readonly #limit: number
  readonly #sessions = new Map<string, Session>()
  readonly #byKey = new Map<RelayKey, Set<string>>()
  readonly #revocations = new Map<RelayKey, number>()
  /** When each key was last made to last. */
  readonly #renewedAt = new Map<RelayKey, number>()
  #loaded = false

  constructor(store: AuthorizationStore, clock: Clock, limit = MAX_SESSIONS) {
    this.#store = store
    this.#clock = clock
    this.#limit = limit
  }

  get count(): number {
    return this.#sessions.size
  }

  get(id: string): Session | undefined {
    this.#load()
    return this.#sessions.get(id)
  }

  /** Whether there are sessions of this key. Throws `tempfail`. */
  has(key: RelayKey): boolean {
    this.#load()
    return this.#byKey.has(key)
  }

  of(key: RelayKey): readonly Session[] {
    this.#load()
    return [...(this.#byKey.get(key) ?? [])].map((id) => this.#sessions.get(id)!)
  }

  /** Of the sessions that are chosen, each once. */
  keysOf(chosen: (session: Session) => boolean): RelayKey[] {
    this.#load()
    return [...new Set([...this.#sessions.values()].filter(chosen).map(({ key }) => key))]
  }

  /** Adds it, or puts it in the place of the one of the same id. */
  async put(session: Session): Promise<void> {
    this.#load()
    const before = this.#sessions.get(session.id)
    if (this.#sessions.size >= this.#limit && before === undefined) return
    this.#add(session)
    try {
      await this.#store.putSession(session)
    } catch (error) {
      // The reporter hears of it: what is not kept renews nothing.
      if (this.#sessions.get(session.id) === session) {
        this.#remove(session.id)
        if (before) this.#add(before)
      }
      throw error
    }
  }

  /** What cannot be deleted is still there afterwards, so that the reporter may try again. */
  async delete(ids: readonly string[]): Promise<void> {
    this.#load()
    const known = ids.flatMap((id) => this.#sessions.get(id) ?? [])
    try {
      await this.#drop(known)
    } catch (error) {
      for (const session of known) if (!this.#sessions.has(session.id)) this.#add(session)
      throw error
    }
  }

  /** The address may relay until then without any session that can be withdrawn. */
  async raiseFloors(key: RelayKey, expiresAt: number): Promise<void> {
    if (!this.#byKey.has(key)) return
    const lower = this.of(key).filter(({ floor }) => floor !== undefined && floor < expiresAt)
    await Promise.all(lower.map((session) => this.put({ ...session, floor: expiresAt })))
  }

  /** After it only a login counts, no word of a session that is older. */
  async revoke(key: RelayKey, at: number): Promise<void> {
    this.#load()
    this.#revocations.set(key, at)
    await Promise.all([this.#drop(this.of(key)), this.#store.putRevocation(key, at)])
  }

  get revocations(): ReadonlyMap<RelayKey, number> {
    this.#load()
    return new Map(this.#revocations)
  }

  /**
   * Somebody is still connected who was before the revocation, which must therefore not be forgotten: it moves on with
   * them, half of what a session may last behind now.
   */
  async keepRevoked(keys: readonly RelayKey[], now: number, maxSession: number): Promise<void> {
    const at = now - Math.floor(maxSession / 2)
    const old = keys.filter((key) => (this.#revocations.get(key) ?? at) < at)
    for (const key of old) this.#revocations.set(key, at)
    await Promise.all(old.map((key) => this.#store.putRevocation(key, at)))
  }

  /** Throws `tempfail`. */
  get hasRevocations(): boolean {
    this.#load()
    return this.#revocations.size > 0
  }

  /** When one of these keys was last revoked. */
  revokedAt(keys: readonly RelayKey[]): number | undefined {
    this.#load()
    const times = keys.flatMap((key) => this.#revocations.get(key) ?? [])
    return times.length === 0 ? undefined : Math.max(...times)
  }

  async forgetRevocations(keys: readonly RelayKey[]): Promise<void> {
    this.#load()
    const known = keys.filter((key) => this.#revocations.delete(key))
    await Promise.all(known.map((key) => this.#store.putRevocation(key, undefined)))
  }

  /** Everything, when the table itself is emptied; but what had been revoked before stays so. */
  async clear(kept: ReadonlyMap<RelayKey, number>): Promise<void> {
    this.#load()
    await this.forgetRevocations([...this.#revocations.keys()].filter((key) => !kept.has(key)))
    await this.#drop([...this.#sessions.values()])
    await Promise.all([...kept].map(([key, at]) => this.revoke(key, at)))
  }

  renewed(key: RelayKey, at: number): void {
    if (this.#byKey.has(key)) this.#renewedAt.set(key, at)
  }

  /** It came to nothing: the key is due again. */
  notRenewed(key: RelayKey): void {
    this.#renewedAt.delete(key)
  }

  /**
   * The latest session of each key that is connected and was not renewed for `interval` seconds; at most `limit` of them.
   * @param maxSession seconds after its beginning that a session may renew anything
   */
  due(now: number, interval: number, maxSession: number, limit: number): Session[] {
    this.#load()
    const due: Session[] = []
    for (const key of this.#byKey.keys()) {
      if ((this.#renewedAt.get(key) ?? 0) > now - interval) continue
      const open = this.of(key).filter((session) => renews(session, now, maxSession))
      if (open.length > 0) due.push(open.reduce((a, b) => (b.openedAt > a.openedAt ? b : a)))
      if (due.length >= limit) break
    }
    return due
  }

  /** Forgets what nobody has spoken of for its lease, and revocations that no session can be older than. */
  async sweep(now: number, maxSession: number): Promise<void> {
    this.#load()
    const over = [...this.#sessions.values()].filter(({ leaseUntil }) => leaseUntil < now)
    const old = [...this.#revocations].filter(([, at]) => at + maxSession < now)
    await Promise.all([this.delete(over.map(({ id }) => id)), this.forgetRevocations(old.map(([key]) => key))])
  }

  /** What the store is told beside. Throws `tempfail`. */
  shift(seconds: number): void {
    this.#load(this.#clock() - seconds)
    for (const [key, at] of this.#revocations) this.#revocations.set(key, at + seconds)
    for (const [key, at] of this.#renewedAt) this.#renewedAt.set(key, at + seconds)
    for (const [id, session] of this.#sessions) {
      const { openedAt, leaseUntil, floor } = session
      const moved = { ...session, openedAt: openedAt + seconds, leaseUntil: leaseUntil + seconds }
      this.#sessions.set(id, floor ? { ...moved, floor: floor + seconds } : moved)
    }
  }

  /** @param now as the clock was when the rows were written last */
  #load(now?: number): void {
    if (this.#loaded) return
    const latest = now ?? this.#clock()
    const { sessions, revocations } = this.#store.sessionRows()
    // The clock may have been set back meanwhile: nothing has begun in the future.
    for (const session of sessions) this.#add({ ...session, openedAt: Math.min(session.openedAt, latest) })
    for (const [key, at] of revocations) this.#revocations.set(key, Math.min(at, latest))
    this.#loaded = true
  }

  async #drop(sessions: readonly Session[]): Promise<void> {
    for (const { id } of sessions) this.#remove(id)
    if (sessions.length > 0) await this.#store.deleteSessions(sessions.map(({ id }) => id))
  }

  #add(session: Session): void {
    if (this.#sessions.get(session.id)?.key !== session.key) this.#remove(session.id)
    this.#sessions.set(session.id, session)
    const ids = this.#byKey.get(session.key) ?? new Set()
    this.#byKey.set(session.key, ids.add(session.id))
  }

  #remove(id: string): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    this.#sessions.delete(id)
    const ids = this.#byKey.get(session.key)!
    ids.delete(id)
    if (ids.size > 0) return
    this.#byKey.delete(session.key)
    this.#renewedAt.delete(session.key)
  }
}

/** Whether a session keeps its address authorized now. */
export const renews = ({ floor, leaseUntil, openedAt }: Session, now: number, maxSession: number): boolean =>
  floor === undefined && now <= leaseUntil && now <= openedAt + maxSession
