// Reports that gave nothing, for whoever logs them.
import { channel } from 'node:diagnostics_channel'
import type { LoginEvent, RefusedReason } from './login-event.ts'

/** What the relay table refused or could not store it has counted already; a subscriber that logs must expect thousands a second. */
export interface Refused {
  readonly reporter: LoginEvent['reporter']
  /** Left out: an event of which the report says no client, a logout say. */
  readonly client?: LoginEvent['client']
  /**
   * `not-stored`: the store failed after the reporter had its answer. `queue-full`: too many such reports are waiting for
   * the store.
   */
  readonly reason: RefusedReason | 'not-stored' | 'queue-full'
  readonly via: string
}

/** One Refused a message. */
export const refused = channel('drac.refused')
