// The relay table: who has logged in lately, or is still connected, and may therefore relay.
import { type Address, isV6 } from '../lib/address.ts'
import type { Clock } from '../lib/clock.ts'
import { type RelayKey, relayKey } from '../lib/prefix.ts'
import type { Authorization, Login } from './authorization.ts'
import type { AuthorizationStore } from './authorization-store.ts'
import { changes } from './changes.ts'
import { countReport, newCounters } from './counters.ts'
import { Grants } from './grants.ts'
import { Judge, type Judgement } from './judge.ts'
import {
  type AddResult,
  type EndResult,
  type IgnoredReason,
  type LoginEvent,
  type LogoutEvent,
  type RefusedReason,
  sessionIdOf,
  sourceOf,
} from './login-event.ts'
import { keyFor, keysOf, type RelayPolicy } from './policy.ts'
import { RecentlyUnstored } from './recent.ts'
import { renews, Sessions } from './sessions.ts'
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
  readonly #grants: Grants
  readonly #clock: Clock
  #policy: RelayPolicy

  /** @param clock current time in seconds since the epoch; tests pass a fixed one */
  constructor(store: AuthorizationStore, policy: RelayPolicy, clock: Clock) {
    this.store = store
    this.sessions = new Sessions(store, clock)
    this.#judge = new Judge(() => this.#policy, store, this.sessions, clock)
    this.#policy = policy
    this.#clock = clock
    const { sessions, counters } = this
    this.#grants = new Grants({ store, sessions, counters, judge: this.#judge, policy: () => this.#policy, clock })
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
      if (judgement.ignored === 'shared') await this.#grants.takeBack(key, 0, 'shared_users')
      if (event.kind === 'alive') await this.#grants.stillConnected(event, judgement.ignored)
      return this.#ignore(event, judgement.ignored)
    }
    const result = await (judgement.shared
      ? this.#grants.keepShared(event, key, judgement.lifetime)
      : this.#grants.keep(event, judgement.lifetime))
    if (result.status === 'table-full') return this.#refuse(event, 'table-full')
    countReport(this.counters, event.via, event.kind === 'alive' ? 'alive' : result.status)
    this.#grants.changed(result.status, result.authorization)
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
    await Promise.all([counted && this.#grants.renew(session, at), this.sessions.delete([session.id])])
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
      this.#grants.takeBack(session.key, until, `logout ${sourceOf(event)}`),
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
      Promise.all(keys.map((key) => this.#grants.cut(key, 0, 0))),
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
    const renewed = await Promise.allSettled(due.map((session) => this.#grants.renew(session, now)))
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
