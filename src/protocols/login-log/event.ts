import type { Address } from '../../lib/address.ts'

/** What one line of a POP or IMAP server's log tells. */
export interface LogEvent {
  /** `alive`: a login that was told before, of a session that lasts; it has an address like one. `end`: a session is over and the line names no address; join it to the login by `server` and `session`. */
  readonly kind: 'login' | 'alive' | 'logout' | 'end'
  /**
   * Always there for login and logout; unmapped. A logout is no proof of a login before it: UW writes one after a
   * failed login too. So a logout may end a hold and never begins one.
   */
  readonly address?: Address
  /** As the server wrote it: text the client chose. Print it with care. */
  readonly user?: string
  /**
   * The server's own session key, unique per server while the session lasts. A login without one cannot be ended by a
   * later line: it is a report of its moment, not an open session.
   */
  readonly session?: string
  /** Name of the pattern set, `dovecot`; for an administrator's own pattern its name. */
  readonly server: string
  /** Seconds since the epoch as the line's timestamp tells; undefined when it has none. */
  readonly at?: number
}
