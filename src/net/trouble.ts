// What listeners meet and survive, for whoever counts or logs it.
import { channel } from 'node:diagnostics_channel'

/** `limit` names the limit that closed a connection unread; `error` is the system's word. */
export interface NetTrouble {
  readonly event: 'refused' | 'cut' | 'error'
  /** The listener, as `formatEndpoint` writes it. */
  readonly endpoint: string
  /** The peer's address, `local` on a unix socket; unknown for an error of the listener itself. */
  readonly peer?: string
  /**
   * refused: `not-admitted`, `source-limit`, `total-limit`, `stranger-limit`. cut: `message-deadline`, `idle`,
   * `unread-answers`, `malformed`, `one-record`, `displaced` (by a newcomer, as the longest idle). error: the system's error code.
   */
  readonly reason: string
}

/** One NetTrouble a message. */
export const netTrouble = channel('drac.net')
