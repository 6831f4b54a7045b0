import type { Address } from '../lib/address.ts'
import type { Authorization } from './authorization.ts'

/** One login, as every report delivers it. */
export interface LoginEvent {
  /** The client that logged in and may now relay. */
  readonly client: Address
  /** The host that says so, checked against the trusted clients; `local` for a unix socket, whose file mode is the check. */
  readonly reporter: Address | 'local'
  /** Which front end it came through, one word for logs and counters: `drac-rpc`. */
  readonly via: string
  readonly user?: string
  readonly note?: string
  /** Seconds the reporter asks for; left out: the configured lifetime. Never more than max_lifetime. */
  readonly lifetime?: number
  /**
   * The reporter's address cannot be believed when it is one of this host's own: the call may have come from anywhere,
   * through a portmapper that forwards calls for strangers.
   */
  readonly forwardable?: boolean
}

/** Why a login from this address is answered with success and stored nowhere. */
export type IgnoredReason = 'exempt' | 'impossible'
export type RefusedReason = 'untrusted-reporter' | 'forwarding-portmapper' | 'table-full'

/** What became of a report. A value, not an exception: refusal is ordinary. */
export type AddResult =
  | { readonly status: 'added' | 'renewed'; readonly authorization: Authorization }
  | { readonly status: 'ignored'; readonly reason: IgnoredReason }
  | { readonly status: 'refused'; readonly reason: RefusedReason }
