import type { Address } from '../lib/address.ts'
import type { Authorization } from './authorization.ts'

/** Who says so, the same for every kind of report. */
export interface Report {
  /** The host that says so, checked against the trusted clients; `local` for a unix socket, whose file mode is the check. */
  readonly reporter: Address | 'local'
  /** Which front end it came through, one word for logs and counters: `drac-rpc`. */
  readonly via: string
  /**
   * The reporter's address cannot be believed when it is one of this host's own: the call may have come from anywhere,
   * through a portmapper that forwards calls for strangers.
   */
  readonly forwardable?: boolean
  /** When it happened, in seconds since the epoch; left out: now. A later time than now counts as now. */
  readonly at?: number
}

/** One login, as every report delivers it. */
export interface LoginEvent extends Report {
  /**
   * `login`: somebody has just proved who they are. `alive`: somebody who did so before is still connected, which after a
   * revocation counts for nothing until the next login. Left out: login.
   */
  readonly kind?: 'login' | 'alive'
  /** The client that logged in and may now relay. */
  readonly client: Address
  readonly user?: string
  readonly note?: string
  /** Seconds the reporter asks for; left out: the configured lifetime. Never more than max_lifetime. */
  readonly lifetime?: number
  /** The connection, when the reporter will tell of its end or ask after it again. */
  readonly session?: SessionRef
}

export interface SessionRef {
  /** The server's own name for the connection; unique together with `via` and the reporter. */
  readonly id: string
  /** Seconds for which the connection counts as open without another word of it; left out: session_lease. */
  readonly lease?: number
  /**
   * `renews`: the address stays authorized while the session is open and for one lifetime after. `held`: the session
   * renews nothing, and `RelayTable.withdraw` takes back what its login gave (WHOSON LOGOUT).
   */
  readonly kind: 'renews' | 'held'
}

/** A connection has ended. */
export interface LogoutEvent extends Report {
  readonly session: string
}

/** Why a login from this address is answered with success and stored nowhere. */
export const IGNORED_REASONS = [
  'exempt',
  'impossible',
  'own-server',
  'anonymous',
  'shared',
  'too-old',
  'revoked',
] as const
export type IgnoredReason = (typeof IGNORED_REASONS)[number]
export type RefusedReason = 'untrusted-reporter' | 'forwarding-portmapper' | 'table-full'

/** What became of a report. A value, not an exception: refusal is ordinary. */
export type AddResult =
  | { readonly status: 'added' | 'renewed'; readonly authorization: Authorization }
  | { readonly status: 'ignored'; readonly reason: IgnoredReason }
  | { readonly status: 'refused'; readonly reason: RefusedReason }

/** `unknown`: no such session is open. */
export type EndResult =
  | { readonly status: 'ended' | 'unknown' }
  | { readonly status: 'refused'; readonly reason: RefusedReason }

/** Of whom a report is, for people, for the store and for names of sessions. */
export const sourceOf = ({ via, reporter }: Report): string => (reporter === 'local' ? via : `${via} ${reporter}`)
export const sessionIdOf = (report: Report, id: string): string => `${sourceOf(report)} ${id}`
