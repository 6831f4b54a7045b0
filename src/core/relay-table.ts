// The relay table: who has logged in lately, or is still connected, and may therefore relay.
import { type Address, isV6 } from '../lib/address.ts'
import type { Clock } from '../lib/clock.ts'
import { type RelayKey, relayKey } from '../lib/prefix.ts'
import type { Authorization, Login } from './authorization.ts'
import type { AuthorizationStore, PutResult } from './authorization-store.ts'
import { changes } from './changes.ts'
import { countReport, newCounters } from './counters.ts'
import { Judge, type Judgement } from './judge.ts'
import {
  type AddResult,
  type EndResult,
  type IgnoredReason,
  type LoginEvent,
  type LogoutEvent,
  type RefusedReason,
  type SessionRef,
  sessionIdOf,
  sourceOf,
} from './login-event.ts'
import { keyFor, keysOf, type RelayPolicy } from './policy.ts'
import { RecentlyUnstored } from './recent.ts'
import type { Session } from './session.ts'
import { renews, Sessions } from './sessions.ts'
import { Underway } from './underway.ts'
import type { Verdict } from './verdict.ts'

const DUNNO: Verdict = { action: 'dunno' }
/** Sessions renewed in one call of `renewConnected`. */
const RENEWALS = 1000

export class RelayTable {
  readonly store: AuthorizationStore
  readonly sessions: Sessions
  readonly counters = newCounters()
  readonly unstored = new RecentlyUnstored()
  readonly #judge: Judge
  readonly #underway = new Underway()
  readonly #clock: Clock
  #policy: RelayPolicy

  /** @param clock current time in seconds since the epoch; tests pass a fixed one */
  constructor(store: AuthorizationStore, policy: RelayPolicy, clock: Clock) {
    this.store = store
    this.sessions = new Sessions(store, clock)
    this.#judge = new Judge(() => this.#policy, store, this.sessions, clock)
    this.#policy = policy
    this.#clock = clock
  }

  get policy(): RelayPolicy {
    return this.#policy
  }

  /** Takes effect with the next report and the next look-up; what is stored keeps its expiry. */
  setPolicy(policy: RelayPolicy): void {
    this.#policy = policy
  }

  now(): number {
    return this.#clock()
  }

  /** Whether this host's reports are believed at all: asked before its first byte is read. */
  trusts(reporter: Address): boolean {
    return this.#policy.trustedClients.find(reporter) !== undefined
  }

  /** Records a login, or renews it; kept once durable. Rejects with `tempfail` when the store cannot keep it. */
  async add(event: LoginEvent): Promise<AddResult> {
    const refusal = this.#judge.refusal(event)
    if (refusal) return this.#refuse(event, refusal)
    const judgement = this.#judgeLogin(event)
    const key = keyFor(this.#policy, event.client)
    if ('ignored' in judgement) {
      if (judgement.ignored === 'shared') await this.#takeBack(key, 0, 'shared_users')
      if (event.kind === 'alive') await this.#stillConnected(event, judgement.ignored)
      return this.#ignore(event, judgement.ignored)
    }
    const result = await (judgement.shared
      ? this.#keepShared(event, key, judgement.lifetime)
      : this.#keep(event, judgement.lifetime))
    if (result.status === 'table-full') return this.#refuse(event, 'table-full')
    countReport(this.counters, event.via, event.kind === 'alive' ? 'alive' : result.status)
    this.#changed(result.status, result.authorization)
    return result
  }

  /**
   * The end of a session: its address may relay for one lifetime more. Resolves once durable; rejects with `tempfail`.
   * A session that is not known, or was revoked meanwhile, gives nothing.
   */
  async logout(event: LogoutEvent): Promise<EndResult> {
    const refusal = this.#judge.refusal(event)
    if (refusal) return { status: 'refused', reason: refusal }
    const session = this.sessions.get(sessionIdOf(event, event.session))
    if (session === undefined || session.floor !== undefined) return { status: 'unknown' }
    const at = Math.min(event.at ?? this.now(), this.now())
    const counted = renews(session, at, this.#policy.maxSession)
    // In one turn: a login that comes meanwhile under the same name is another session.
    await Promise.all([counted && this.#renew(session, at), this.sessions.delete([session.id])])
    this.counters.loggedOut++
    return { status: 'ended' }
  }

  /** Takes back at once what the login of a `held` session gave, and nothing that another report gave. */
  async withdraw(event: LogoutEvent): Promise<EndResult> {
    const refusal = this.#judge.refusal(event)
    if (refusal) return { status: 'refused', reason: refusal }
    const session = this.sessions.get(sessionIdOf(event, event.session))
    if (session?.floor === undefined) return { status: 'unknown' }
    const others = this.sessions.of(session.key).filter(({ id, floor }) => id !== session.id && floor !== undefined)
    const until = Math.max(session.floor, ...others.map(({ leaseUntil }) => leaseUntil))
    // In one turn: a login that comes meanwhile is a new one, and stays.
    await Promise.all([
      this.#takeBack(session.key, until, `logout ${sourceOf(event)}`),
      this.sessions.delete([session.id]),
    ])
    this.counters.loggedOut++
    return { status: 'ended' }
  }

  /**
   * Answers a mail server. Expiry is compared here and now: an entry that the sweep has not reached yet is no permit.
   * Throws `tempfail` while the store is not to be trusted.
   */
  lookup(client: Address): Verdict {
    try {
      const authorization = this.#find(client)
      if (authorization === undefined) {
        this.counters.lookups.dunno++
        return DUNNO
      }
      this.counters.lookups.permit++
      return { action: 'permit', authorization }
    } catch (error) {
      this.counters.lookups.tempfail++
      throw error
    }
  }

  /** Who logged in from an authorized address or network. Throws `tempfail`. */
  logins(key: RelayKey): readonly Login[] {
    return this.store.logins(key)
  }

  /**
   * Withdraws what permits this address, networks around it included, and what its open sessions would renew: only a new
   * login counts. Resolves with what there was, once durable.
   */
  revoke(client: Address, by: string): Promise<Authorization[]> {
    return this.revokeKeys(this.keysOf(client), by)
  }

  async revokeKeys(keys: readonly RelayKey[], by: string): Promise<Authorization[]> {
    const now = this.now()
    const [deleted] = await Promise.all([
      Promise.all(keys.map((key) => this.#cut(key, 0, 0))),
      ...keys.map((key) => this.sessions.revoke(key, now)),
    ])
    const revoked = deleted.filter((authorization) => authorization !== undefined)
    for (const authorization of revoked) changes.publish({ type: 'revoked', authorization, by })
    this.counters.revoked += revoked.length
    return revoked
  }

  /** Every key that could hold an authorization of this address, the address itself first. */
  keysOf(client: Address): RelayKey[] {
    return keysOf(this.#policy, this.store, client)
  }

  /** Reclaims what has expired, a slice at a time, and says so. One call is one pass over the table. */
  async sweep(): Promise<void> {
    await this.sessions.sweep(this.#clock(), this.#policy.maxSession)
    for (let done = false; !done; ) {
      const slice = await this.store.sweep(this.#clock())
      done = slice.done
      this.counters.expired += slice.expired.length
      if (changes.hasSubscribers)
        for (const authorization of slice.expired) changes.publish({ type: 'expired', authorization })
      await new Promise(setImmediate)
    }
  }

  /**
   * Keeps the addresses authorized from which somebody is connected; to be called about once a second. Each is renewed
   * every quarter of the lifetime, so that the end of a session leaves it one lifetime, and a crash of ours no more.
   */
  async renewConnected(): Promise<void> {
    if (this.store.health().state === 'down') return
    const now = this.now()
    const { lifetime, maxSession, shared } = this.#policy
    const shortest = shared.users > 0 && shared.lifetime > 0 ? Math.min(lifetime, shared.lifetime) : lifetime
    const due = this.sessions.due(now, Math.max(1, Math.floor(shortest / 4)), maxSession, RENEWALS)
    for (const { key } of due) this.sessions.renewed(key, now)
    const renewed = await Promise.allSettled(due.map((session) => this.#renew(session, now)))
    const failed = due.filter((_, i) => renewed[i]!.status === 'rejected')
    for (const { key } of failed) this.sessions.notRenewed(key)
    for (const result of renewed) if (result.status === 'rejected') throw result.reason
  }

  /** After the clock was set back: moves every time with it. Resolves once durable. */
  async shift(seconds: number): Promise<void> {
    // At once, so that what happens while the store is at it is not moved with it.
    this.sessions.shift(seconds)
    await this.store.shift(seconds)
  }

  #judgeLogin(event: LoginEvent): Judgement {
    try {
      return this.#judge.login(event)
    } catch (error) {
      this.counters.storeFailures++
      throw error
    }
  }

  #find(client: Address): Authorization | undefined {
    const now = this.#clock()
    let found = this.#live(client as string as RelayKey, now)
    for (const width of this.store.widths(isV6(client) ? 6 : 4)) found ??= this.#live(relayKey(client, width), now)
    return found && this.#policy.exemptNetworks.has(client) ? undefined : found
  }

  #live(key: RelayKey, now: number): Authorization | undefined {
    const authorization = this.store.get(key)
    return authorization !== undefined && authorization.expiresAt >= now ? authorization : undefined
  }

  /** What is stored already is cut first: both are told to the store in this order. */
  async #keepShared(event: LoginEvent, key: RelayKey, lifetime: number): Promise<PutResult> {
    const taking = this.#takeBack(key, this.now() + lifetime, 'shared_users')
    const [result] = await Promise.all([this.#keep(event, lifetime), taking])
    return result
  }

  /**
   * Everything is told to the store in one turn, so that a revocation comes before it or after it, never in between.
   */
  async #keep(event: LoginEvent, lifetime: number): Promise<PutResult> {
    const now = this.now()
    const at = Math.min(event.at ?? now, now)
    const key = keyFor(this.#policy, event.client)
    const session = event.session && this.#sessionOf(event, event.session, at, lifetime)
    const [result] = await Promise.all([
      this.#put(event, key, at + lifetime, session?.floor === undefined),
      event.kind === 'alive' || !this.sessions.hasRevocations
        ? undefined
        : this.sessions.forgetRevocations(this.keysOf(event.client)),
      session?.floor === undefined ? this.sessions.raiseFloors(key, at + lifetime) : undefined,
      session && this.sessions.put(session),
    ])
    if (result.status === 'table-full' && session) await this.sessions.delete([session.id])
    // What may be withdrawn leaves the sessions of others to be renewed as before.
    else if (session?.floor === undefined) this.sessions.renewed(key, at)
    return result
  }

  #sessionOf(event: LoginEvent, { id: name, lease, kind }: SessionRef, at: number, lifetime: number): Session {
    const id = sessionIdOf(event, name)
    const key = keyFor(this.#policy, event.client)
    const known = event.kind === 'alive' ? this.sessions.get(id) : undefined
    const held = kind === 'held'
    return {
      id,
      key,
      client: event.client,
      source: sourceOf(event),
      openedAt: known?.openedAt ?? at,
      leaseUntil: at + (held ? lifetime : (lease ?? this.#policy.sessionLease)),
      ...(event.user === undefined ? {} : { user: event.user }),
      ...(held ? { floor: this.#floor(key) } : {}),
    }
  }

  /** Until when the address may relay by reports that cannot be withdrawn. */
  #floor(key: RelayKey): number {
    const floors = this.sessions.of(key).flatMap(({ floor }) => floor ?? [])
    if (floors.length > 0) return Math.max(...floors)
    return this.#underway.until(key, this.#live(key, this.now())?.expiresAt ?? 0)
  }

  /** A connection that gives nothing must not be forgotten for it: it would count as a new one, or as never revoked. */
  async #stillConnected({ client, session, via, reporter, at }: LoginEvent, ignored: IgnoredReason): Promise<void> {
    const { maxSession, sessionLease } = this.#policy
    const now = this.now()
    if (ignored === 'revoked') await this.sessions.keepRevoked(this.keysOf(client), now, maxSession)
    const known = session && this.sessions.get(sessionIdOf({ via, reporter }, session.id))
    const leaseUntil = Math.min(at ?? now, now) + (session?.lease ?? sessionLease)
    if (known && leaseUntil > known.leaseUntil) await this.sessions.put({ ...known, leaseUntil })
  }

  /** Somebody was connected at `at`. */
  async #renew(session: Session, at: number): Promise<void> {
    const { client, key, user, source } = session
    const judgement = this.#judge.renewal(session)
    if ('ignored' in judgement || at + judgement.lifetime < this.now()) return
    const expiresAt = at + judgement.lifetime
    const event = { via: source, reporter: 'local', client, ...(user === undefined ? {} : { user }) } as const
    const [result] = await Promise.all([this.#put(event, key, expiresAt), this.sessions.raiseFloors(key, expiresAt)])
    if (result.status === 'table-full') return
    this.sessions.renewed(key, at)
    this.#changed(result.status, result.authorization)
  }

  #changed(type: 'added' | 'renewed', authorization: Authorization): void {
    this.counters[type]++
    if (changes.hasSubscribers) changes.publish({ type, authorization })
  }

  /** @param lasts false for a login that may be withdrawn */
  async #put(event: LoginEvent, key: RelayKey, expiresAt: number, lasts = true): Promise<PutResult> {
    this.#underway.put(key, lasts ? expiresAt : 0)
    try {
      return await this.store.put({
        key,
        expiresAt,
        now: this.now(),
        source: sourceOf(event),
        ...(event.user === undefined ? {} : { user: event.user }),
        ...(event.note === undefined ? {} : { note: event.note }),
      })
    } catch (error) {
      this.counters.storeFailures++
      throw error
    } finally {
      this.#underway.end(key)
    }
  }

  /** Leaves the key authorized no longer than `until`; not at all when that is past. */
  async #takeBack(key: RelayKey, until: number, by: string): Promise<void> {
    const shown = this.store.get(key)?.expiresAt ?? 0
    if (shown <= until && !this.#underway.has(key)) return
    const gone = until < this.now()
    const authorization = await this.#cut(key, gone ? 0 : until, shown)
    if (authorization === undefined) return
    if (gone) this.counters.revoked++
    changes.publish({ type: gone ? 'revoked' : 'shortened', authorization, by })
  }

  /** @param until 0: it is deleted @param shown until when the store shows it authorized */
  async #cut(key: RelayKey, until: number, shown: number): Promise<Authorization | undefined> {
    this.#underway.cut(key, until, shown)
    try {
      return await (until === 0 ? this.store.delete(key) : this.store.shorten(key, until))
    } finally {
      this.#underway.end(key)
    }
  }

  #refuse(event: LoginEvent, reason: RefusedReason): AddResult {
    this.counters.refused[reason]++
    countReport(this.counters, event.via, `refused ${reason}`)
    this.unstored.note(event.client, reason, sourceOf(event), this.#clock())
    return { status: 'refused', reason }
  }

  #ignore(event: LoginEvent, reason: IgnoredReason): AddResult {
    this.counters.ignored[reason]++
    countReport(this.counters, event.via, `ignored ${reason}`)
    this.unstored.note(event.client, reason, sourceOf(event), this.#clock())
    return { status: 'ignored', reason }
  }
}
