// Who is connected now: what keeps an address authorized between its logins.
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
  readonly #limit: number
  readonly #sessions = new Map<string, Session>()
  readonly #byKey = new Map<RelayKey, Set<string>>()
  readonly #revocations = new Map<RelayKey, number>()
  /** When each key was last made to last. */
  readonly #renewedAt = new Map<RelayKey, number>()
  #loaded = false

  constructor(store: AuthorizationStore, limit = MAX_SESSIONS) {
    this.#store = store
    this.#limit = limit
  }

  get count(): number {
    return this.#sessions.size
  }

  get(id: string): Session | undefined {
    this.#load()
    return this.#sessions.get(id)
  }

  of(key: RelayKey): readonly Session[] {
    this.#load()
    return [...(this.#byKey.get(key) ?? [])].map((id) => this.#sessions.get(id)!)
  }

  /** Adds it, or puts it in the place of the one of the same id. */
  async put(session: Session): Promise<void> {
    this.#load()
    if (this.#sessions.size >= this.#limit && !this.#sessions.has(session.id)) return
    this.#add(session)
    await this.#store.putSession(session)
  }

  async delete(ids: readonly string[]): Promise<void> {
    this.#load()
    const known = ids.filter((id) => this.#sessions.has(id))
    for (const id of known) this.#remove(id)
    if (known.length > 0) await this.#store.deleteSessions(known)
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
    await Promise.all([this.delete([...(this.#byKey.get(key) ?? [])]), this.#store.putRevocation(key, at)])
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

  /** Everything, when the table itself is emptied. */
  async clear(): Promise<void> {
    this.#load()
    await this.forgetRevocations([...this.#revocations.keys()])
    await this.delete([...this.#sessions.keys()])
  }

  renewed(key: RelayKey, at: number): void {
    if (this.#byKey.has(key)) this.#renewedAt.set(key, at)
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
    await this.delete(over.map(({ id }) => id))
    const old = [...this.#revocations].filter(([, at]) => at + maxSession < now)
    await this.forgetRevocations(old.map(([key]) => key))
  }

  /** What the store has been told already. */
  shift(seconds: number): void {
    for (const [key, at] of this.#revocations) this.#revocations.set(key, at + seconds)
    for (const [key, at] of this.#renewedAt) this.#renewedAt.set(key, at + seconds)
    for (const [id, session] of this.#sessions) {
      const { openedAt, leaseUntil, floor } = session
      const moved = { ...session, openedAt: openedAt + seconds, leaseUntil: leaseUntil + seconds }
      this.#sessions.set(id, floor ? { ...moved, floor: floor + seconds } : moved)
    }
  }

  #load(): void {
    if (this.#loaded) return
    const { sessions, revocations } = this.#store.sessionRows()
    for (const session of sessions) this.#add(session)
    for (const [key, at] of revocations) this.#revocations.set(key, at)
    this.#loaded = true
  }

  #add(session: Session): void {
    this.#remove(session.id)
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
