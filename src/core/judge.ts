// Whether a report is believed, and whether its client may be authorized: for how long, or why not.
import type { Address } from '../lib/address.ts'
import type { Clock } from '../lib/clock.ts'
import type { AuthorizationStore } from './authorization-store.ts'
import { type IgnoredReason, type LoginEvent, type RefusedReason, type Report, sessionIdOf } from './login-event.ts'
import { neverRelay } from './never-relay.ts'
import { keyFor, keysOf, type RelayPolicy } from './policy.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { SharedAddresses } from './shared-addresses.ts'
import { isLoopback } from './trusted-clients.ts'

/** Seconds that a login authorizes its client, and whether what it has already must not last longer; or the reason for nothing. */
export type Judgement = { readonly lifetime: number; readonly shared?: true } | { readonly ignored: IgnoredReason }

/**
 * What servers call the user of an anonymous login (RFC 4505, and LOGIN where they allow it), with a domain perhaps: anybody
 * who connects can make one.
 */
const isAnonymous = (user = ''): boolean => /^anonymous(@|$)/i.test(user)

export class Judge {
  readonly #policy: () => RelayPolicy
  readonly #store: AuthorizationStore
  readonly #sessions: Sessions
  readonly #shared: SharedAddresses
  readonly #clock: Clock

  constructor(policy: () => RelayPolicy, store: AuthorizationStore, sessions: Sessions, clock: Clock) {
    this.#policy = policy
    this.#store = store
    this.#sessions = sessions
    this.#shared = new SharedAddresses((key) => store.logins(key))
    this.#clock = clock
  }

  /** Why the reporter is not believed. */
  refusal({ reporter, forwardable }: Report): RefusedReason | undefined {
    if (reporter === 'local') return undefined
    const { trustedClients, ownAddresses } = this.#policy()
    if (trustedClients.find(reporter) === undefined) return 'untrusted-reporter'
    return forwardable && (isLoopback(reporter) || ownAddresses().has(reporter)) ? 'forwarding-portmapper' : undefined
  }

  /** Throws `tempfail` when the store cannot tell. */
  login(event: LoginEvent): Judgement {
    const { lifetime, maxLifetime } = this.#policy()
    const asked = Math.min(event.lifetime ?? lifetime, maxLifetime)
    const ignored = this.#never(event) ?? this.#tooLate(event, asked)
    return ignored ? { ignored } : this.#sharing(event.client, event.user, asked)
  }

  /** Of a session that was judged when it began: what the policy has forbidden since is not renewed. Throws `tempfail`. */
  renewal({ client, key, user }: Session): Judgement {
    const policy = this.#policy()
    const ignored = this.#never({ client, user }) ?? (key === keyFor(policy, client) ? undefined : 'too-old')
    return ignored ? { ignored } : this.#sharing(client, user, policy.lifetime)
  }

  #never({
    client,
    user,
  }: {
    readonly client: Address
    readonly user?: string | undefined
  }): IgnoredReason | undefined {
    const { exemptNetworks, trustedClients } = this.#policy()
    if (neverRelay(client)) return 'impossible'
    if (exemptNetworks.has(client)) return 'exempt'
    if (trustedClients.names(client)) return 'own-server'
    return isAnonymous(user) ? 'anonymous' : undefined
  }

  #tooLate(event: LoginEvent, lifetime: number): IgnoredReason | undefined {
    const { at, client, kind } = event
    const now = this.#clock()
    if (at !== undefined && at + lifetime < now) return 'too-old'
    if (kind === 'alive' && this.#isOverdue(event, now)) return 'too-old'
    if (!this.#sessions.hasRevocations) return undefined
    const policy = this.#policy()
    const revokedAt = this.#sessions.revokedAt(keysOf(policy, this.#store, client))
    if (revokedAt === undefined) return undefined
    return kind === 'alive' || (at !== undefined && at <= revokedAt) ? 'revoked' : undefined
  }

  #isOverdue(event: LoginEvent, now: number): boolean {
    const known = event.session && this.#sessions.get(sessionIdOf(event, event.session.id))
    return known !== undefined && now > known.openedAt + this.#policy().maxSession
  }

  #sharing(client: Address, user: string | undefined, lifetime: number): Judgement {
    const policy = this.#policy()
    const { users, window, lifetime: shorter } = policy.shared
    if (users === 0 || !this.#shared.isShared(keyFor(policy, client), user, this.#clock(), window, users))
      return { lifetime }
    return shorter === 0 ? { ignored: 'shared' } : { lifetime: Math.min(lifetime, shorter), shared: true }
  }
}
