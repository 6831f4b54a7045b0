// What is written of reports: logins, renewals, and what is taken back. Decisions about one key and its session are taken in
// one turn of the event loop and told to the store in that order, so that a revocation comes before a login or after it,
// never in between.
import type { Address } from '../lib/address.ts'
import type { Clock } from '../lib/clock.ts'
import type { RelayKey } from '../lib/prefix.ts'
import type { Authorization } from './authorization.ts'
import type { AuthorizationStore, PutResult } from './authorization-store.ts'
import { changes } from './changes.ts'
import type { Counters } from './counters.ts'
import type { Judge } from './judge.ts'
import { type IgnoredReason, type LoginEvent, type SessionRef, sessionIdOf, sourceOf } from './login-event.ts'
import { keyFor, keysOf, type RelayPolicy } from './policy.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { Underway } from './underway.ts'

/** What it writes to, and what it asks. */
export interface GrantsOf {
  readonly store: AuthorizationStore
  readonly sessions: Sessions
  readonly counters: Counters
  readonly judge: Judge
  readonly policy: () => RelayPolicy
  readonly clock: Clock
}

/** Every promise is kept once durable, and rejects with `tempfail`. */
export class Grants {
  readonly #of: GrantsOf
  readonly #underway = new Underway()

  constructor(of: GrantsOf) {
    this.#of = of
  }

  /** What is stored already is cut first: both are told to the store in this order. */
  async keepShared(event: LoginEvent, key: RelayKey, lifetime: number): Promise<PutResult> {
    const taking = this.takeBack(key, this.#now() + lifetime, 'shared_users')
    const [result] = await Promise.all([this.keep(event, lifetime), taking])
    return result
  }

  /**
   * A login, or word of a session. Nothing is left of its session when the table is full.
   */
  async keep(event: LoginEvent, lifetime: number): Promise<PutResult> {
    const now = this.#now()
    const at = Math.min(event.at ?? now, now)
    const key = keyFor(this.#policy(), event.client)
    const { sessions } = this.#of
    // As DRAC's own reports are: nothing but the authorization itself is concerned.
    if (event.session === undefined && !sessions.hasRevocations && !sessions.has(key))
      return this.#put(event, key, at + lifetime)
    const session = event.session && this.#sessionOf(event, event.session, at, lifetime)
    const [result] = await Promise.all([
      this.#put(event, key, at + lifetime, session?.floor === undefined),
      event.kind === 'alive' || !this.#of.sessions.hasRevocations
        ? undefined
        : this.#of.sessions.forgetRevocations(this.#keysOf(event.client)),
      session?.floor === undefined ? this.#of.sessions.raiseFloors(key, at + lifetime) : undefined,
      session && this.#of.sessions.put(session),
    ])
    if (result.status === 'table-full' && session) await this.#of.sessions.delete([session.id])
    // What may be withdrawn leaves the sessions of others to be renewed as before.
    else if (session?.floor === undefined) this.#of.sessions.renewed(key, at)
    return result
  }

  #sessionOf(event: LoginEvent, { id: name, lease, kind }: SessionRef, at: number, lifetime: number): Session {
    const id = sessionIdOf(event, name)
    const key = keyFor(this.#policy(), event.client)
    const known = event.kind === 'alive' ? this.#of.sessions.get(id) : undefined
    const held = kind === 'held'
    return {
      id,
      key,
      client: event.client,
      source: sourceOf(event),
      openedAt: known?.openedAt ?? at,
      leaseUntil: at + (held ? lifetime : (lease ?? this.#policy().sessionLease)),
      ...(event.user === undefined ? {} : { user: event.user }),
      ...(held ? { floor: this.#floor(key) } : {}),
    }
  }

  /** Until when the address may relay by reports that cannot be withdrawn. */
  #floor(key: RelayKey): number {
    const floors = this.#of.sessions.of(key).flatMap(({ floor }) => floor ?? [])
    if (floors.length > 0) return Math.max(...floors)
    return this.#underway.until(key, this.#liveUntil(key))
  }

  /** A connection that gives nothing must not be forgotten for it: it would count as a new one, or as never revoked. */
  async stillConnected({ client, session, via, reporter, at }: LoginEvent, ignored: IgnoredReason): Promise<void> {
    const { maxSession, sessionLease } = this.#policy()
    const now = this.#now()
    if (ignored === 'revoked') await this.#of.sessions.keepRevoked(this.#keysOf(client), now, maxSession)
    const known = session && this.#of.sessions.get(sessionIdOf({ via, reporter }, session.id))
    const leaseUntil = Math.min(at ?? now, now) + (session?.lease ?? sessionLease)
    if (known && leaseUntil > known.leaseUntil) await this.#of.sessions.put({ ...known, leaseUntil })
  }

  /** Somebody was connected at `at`: one lifetime from then. What the policy has forbidden since is left alone. */
  async renew(session: Session, at: number): Promise<void> {
    const { client, key, user, source } = session
    const judgement = this.#of.judge.renewal(session)
    if ('ignored' in judgement || at + judgement.lifetime < this.#now()) return
    const expiresAt = at + judgement.lifetime
    const event = { via: source, reporter: 'local', client, ...(user === undefined ? {} : { user }) } as const
    const [result] = await Promise.all([
      this.#put(event, key, expiresAt),
      this.#of.sessions.raiseFloors(key, expiresAt),
    ])
    if (result.status === 'table-full') return
    this.#of.sessions.renewed(key, at)
    this.changed(result.status, result.authorization)
  }

  /** Counts it and tells whoever listens. */
  changed(type: 'added' | 'renewed', authorization: Authorization): void {
    this.#of.counters[type]++
    if (changes.hasSubscribers) changes.publish({ type, authorization })
  }

  /** @param lasts false for a login that may be withdrawn */
  async #put(event: LoginEvent, key: RelayKey, expiresAt: number, lasts = true): Promise<PutResult> {
    this.#underway.put(key, lasts ? expiresAt : 0)
    try {
      return await this.#of.store.put({
        key,
        expiresAt,
        now: this.#now(),
        source: sourceOf(event),
        ...(event.user === undefined ? {} : { user: event.user }),
        ...(event.note === undefined ? {} : { note: event.note }),
      })
    } catch (error) {
      this.#of.counters.storeFailures++
      throw error
    } finally {
      this.#underway.end(key)
    }
  }

  /** Leaves the key authorized no longer than `until`; not at all when that is past. */
  async takeBack(key: RelayKey, until: number, by: string): Promise<void> {
    const shown = this.#of.store.get(key)?.expiresAt ?? 0
    if (shown <= until && !this.#underway.has(key)) return
    const gone = until < this.#now()
    const authorization = await this.cut(key, gone ? 0 : until, shown)
    if (authorization === undefined) return
    if (gone) this.#of.counters.revoked++
    changes.publish({ type: gone ? 'revoked' : 'shortened', authorization, by })
  }

  /** @param until 0: it is deleted @param shown until when the store shows it authorized */
  async cut(key: RelayKey, until: number, shown: number): Promise<Authorization | undefined> {
    this.#underway.cut(key, until, shown)
    try {
      return await (until === 0 ? this.#of.store.delete(key) : this.#of.store.shorten(key, until))
    } finally {
      this.#underway.end(key)
    }
  }

  #liveUntil(key: RelayKey): number {
    const expiresAt = this.#of.store.get(key)?.expiresAt ?? 0
    return expiresAt >= this.#now() ? expiresAt : 0
  }

  #keysOf(client: Address): RelayKey[] {
    return keysOf(this.#policy(), this.#of.store, client)
  }

  #policy(): RelayPolicy {
    return this.#of.policy()
  }

  #now(): number {
    return this.#of.clock()
  }
}
