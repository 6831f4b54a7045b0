// Reports that were refused, for whoever logs them.
import { channel } from 'node:diagnostics_channel'
import type { LoginEvent, RefusedReason } from '../../core/login-event.ts'

/** The relay table has counted it already; a subscriber that logs must expect thousands a second. */
export interface Refused {
  readonly reporter: LoginEvent['reporter']
  readonly client: LoginEvent['client']
  readonly reason: RefusedReason
  readonly via: string
}

/** One Refused a message. */
export const refused = channel('drac.refused')
