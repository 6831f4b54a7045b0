import type { Address } from '../../lib/address.ts'

/** Somebody who has logged in and is still there. */
export interface Connection {
  /** Names the connection among all of one list; one that logs in anew while listed has another. */
  readonly id: string
  readonly client: Address
  readonly user?: string
}

/** A server that can be asked who is connected. */
export interface Source {
  /** `poll dovecot`: in the log, in `drac list` and as the name of what it reports. */
  readonly name: string
  /** Where it is asked, for people. */
  readonly from: string
  /**
   * Asks once. A list is whole: who is not in it is not connected. Rejects in every other case, and soon after `signal`.
   */
  list(signal: AbortSignal): Promise<readonly Connection[]>
}
