// The relay table: who has logged in lately and may therefore relay.
import { type Address, isV6 } from '../lib/address.ts'
import type { Clock } from '../lib/clock.ts'
import { fullWidth, type RelayKey, relayKey } from '../lib/prefix.ts'
import type { Authorization, Login } from './authorization.ts'
import type { AuthorizationStore, PutResult } from './authorization-store.ts'
import { changes } from './changes.ts'
import { newCounters } from './counters.ts'
import type { AddResult, IgnoredReason, LoginEvent, RefusedReason } from './login-event.ts'
import { neverRelay } from './never-relay.ts'
import { keyFor, type RelayPolicy } from './policy.ts'
import { RecentlyUnstored } from './recent.ts'
import { isLoopback } from './trusted-clients.ts'
import type { Verdict } from './verdict.ts'

const DUNNO: Verdict = { action: 'dunno' }

export class RelayTable {
  readonly store: AuthorizationStore
  readonly counters = newCounters()
  readonly unstored = new RecentlyUnstored()
  readonly #clock: Clock
  #policy: RelayPolicy

  /** @param clock current time in seconds since the epoch; tests pass a fixed one */
  constructor(store: AuthorizationStore, policy: RelayPolicy, clock: Clock) {
    this.store = store
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
    const refusal = this.#refusal(event)
    if (refusal) return this.#refuse(event, refusal)
    const ignored = this.#ignored(event.client)
    if (ignored) return this.#ignore(event, ignored)
    const result = await this.#put(event)
    if (result.status === 'table-full') return this.#refuse(event, 'table-full')
    this.counters[result.status]++
    if (changes.hasSubscribers) changes.publish({ type: result.status, authorization: result.authorization })
    return result
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

  /** Withdraws what permits this address, networks around it included. Resolves with what there was, once durable. */
  revoke(client: Address, by: string): Promise<Authorization[]> {
    return this.revokeKeys(this.keysOf(client), by)
  }

  async revokeKeys(keys: readonly RelayKey[], by: string): Promise<Authorization[]> {
    const deleted = await Promise.all(keys.map((key) => this.store.delete(key)))
    const revoked = deleted.filter((authorization) => authorization !== undefined)
    for (const authorization of revoked) changes.publish({ type: 'revoked', authorization, by })
    this.counters.revoked += revoked.length
    return revoked
  }

  /** Every key that could hold an authorization of this address, the address itself first. */
  keysOf(client: Address): RelayKey[] {
    const widths = this.store.widths(isV6(client) ? 6 : 4)
    return [fullWidth(client), ...widths].map((width) => relayKey(client, width))
  }

  /** Reclaims what has expired, a slice at a time, and says so. One call is one pass over the table. */
  async sweep(): Promise<void> {
    for (let done = false; !done; ) {
      const slice = await this.store.sweep(this.#clock())
      done = slice.done
      this.counters.expired += slice.expired.length
      if (changes.hasSubscribers)
        for (const authorization of slice.expired) changes.publish({ type: 'expired', authorization })
      await new Promise(setImmediate)
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

  #refusal({ reporter, forwardable }: LoginEvent): RefusedReason | undefined {
    if (reporter === 'local') return undefined
    if (!this.trusts(reporter)) return 'untrusted-reporter'
    if (forwardable && (isLoopback(reporter) || this.#policy.ownAddresses().has(reporter)))
      return 'forwarding-portmapper'
    return undefined
  }

  #ignored(client: Address): IgnoredReason | undefined {
    if (neverRelay(client)) return 'impossible'
    return this.#policy.exemptNetworks.has(client) ? 'exempt' : undefined
  }

  async #put(event: LoginEvent): Promise<PutResult> {
    const { lifetime, maxLifetime } = this.#policy
    const now = this.#clock()
    try {
      return await this.store.put({
        key: keyFor(this.#policy, event.client),
        expiresAt: now + Math.min(event.lifetime ?? lifetime, maxLifetime),
        now,
        source: sourceOf(event),
        ...(event.user === undefined ? {} : { user: event.user }),
        ...(event.note === undefined ? {} : { note: event.note }),
      })
    } catch (error) {
      this.counters.storeFailures++
      throw error
    }
  }

  #refuse(event: LoginEvent, reason: RefusedReason): AddResult {
    this.counters.refused[reason]++
    this.unstored.note(event.client, reason, sourceOf(event), this.#clock())
    return { status: 'refused', reason }
  }

  #ignore(event: LoginEvent, reason: IgnoredReason): AddResult {
    this.counters.ignored[reason]++
    this.unstored.note(event.client, reason, sourceOf(event), this.#clock())
    return { status: 'ignored', reason }
  }
}

const sourceOf = ({ via, reporter }: LoginEvent): string => (reporter === 'local' ? via : `${via} ${reporter}`)
