// Who was permitted to relay what, and who was held back, for whoever logs it.
import { channel } from 'node:diagnostics_channel'
import type { Address } from '../../lib/address.ts'
import type { LimitReached } from './relay-counter.ts'

/** Texts came from outside as they are: escape and cut them before they are shown. */
interface Relaying {
  readonly client: Address
  /** The authorization that covers the client: its address or a network around it. */
  readonly key: string
  /** The latest login report that authorized it: `drac-rpc 127.0.0.1`. */
  readonly source: string
  /** Who logged in last from there, when a report said so. */
  readonly user?: string
  readonly sender: string
  readonly recipient: string
  /** Empty at a message's first recipient: Postfix 3.7 has no queue file then. */
  readonly queueId: string
}

/** One for each permit: a recipient may come twice when the service stands in two of Postfix's lists. */
export interface Relayed extends Relaying {
  readonly expiresAt: number
}

/** One for each recipient that was deferred because of a limit. */
export interface Limited extends Relaying {
  readonly reached: LimitReached
  readonly perHour: number
}

/** One Relayed a message. */
export const relayed = channel('drac.relayed')
/** One Limited a message. */
export const limited = channel('drac.relay-limited')
