// What the control API shows of what the core knows. Times are seconds since the epoch.
import type { Authorization, Login } from '../core/authorization.ts'
import type { Explanation } from '../core/explain.ts'
import type { Session } from '../core/session.ts'

export interface LoginView {
  readonly user: string
  readonly source: string
  readonly last_seen: number
  readonly note?: string
}

export interface AuthorizationView {
  /** The address, or the network with its width. */
  readonly address: string
  readonly expires_at: number
  /** 0 for one that has expired and awaits the sweep. */
  readonly seconds_left: number
  readonly first_seen: number
  readonly last_seen: number
  readonly source: string
  readonly logins: readonly LoginView[]
}

/** A connection that somebody logged in through. */
export interface SessionView {
  /** The source and the mail server's own name for it. */
  readonly id: string
  readonly client: string
  readonly user?: string
  readonly source: string
  readonly opened_at: number
  /** The last second that it counts as open without another word of it. */
  readonly lease_until: number
  /** Whether it keeps its address authorized now. */
  readonly renews: boolean
}

export interface ExplanationView {
  readonly address: string
  readonly action: Explanation['action']
  readonly reason: string
  readonly authorizations: readonly AuthorizationView[]
  readonly exempt?: string
  readonly impossible?: string
  readonly sessions: readonly SessionView[]
  /** Reports from before count for nothing. */
  readonly revoked_at?: number
  readonly unstored?: {
    readonly reason: string
    readonly source: string
    readonly count: number
    readonly last_seen: number
  }
}

export function authorizationView(entry: Authorization, logins: readonly Login[], now: number): AuthorizationView {
  return {
    address: entry.key,
    expires_at: entry.expiresAt,
    seconds_left: Math.max(0, entry.expiresAt - now),
    first_seen: entry.firstSeen,
    last_seen: entry.lastSeen,
    source: entry.source,
    logins: logins.map(({ lastSeen, ...login }) => ({ ...login, last_seen: lastSeen })),
  }
}

export function explanationView(explanation: Explanation, now: number): ExplanationView {
  const { authorizations, unstored, sessions, revokedAt, ...rest } = explanation
  return {
    ...rest,
    sessions: sessions.map(sessionView),
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
    authorizations: authorizations.map((entry) => authorizationView(entry, entry.logins, now)),
    ...(unstored && {
      unstored: {
        reason: unstored.reason,
        source: unstored.source,
        count: unstored.count,
        last_seen: unstored.lastSeen,
      },
    }),
  }
}

const sessionView = (session: Session & { readonly renews: boolean }): SessionView => ({
  id: session.id,
  client: session.client,
  ...(session.user === undefined ? {} : { user: session.user }),
  source: session.source,
  opened_at: session.openedAt,
  lease_until: session.leaseUntil,
  renews: session.renews,
})
