// What was not stored, remembered for a while so that `drac show` can say why.
import type { Address } from '../lib/address.ts'
import type { IgnoredReason, RefusedReason } from './login-event.ts'

/** Reports for one client that were answered and stored nowhere. Times are seconds since the epoch. */
export interface Unstored {
  readonly reason: IgnoredReason | RefusedReason
  readonly source: string
  readonly count: number
  readonly lastSeen: number
}

/** Keeps the latest `limit` clients; the one not heard of for longest goes first. */
export class RecentlyUnstored {
  readonly #entries = new Map<Address, Unstored>()
  readonly #limit: number

  constructor(limit = 1000) {
    this.#limit = limit
  }

  note(client: Address, reason: Unstored['reason'], source: string, now: number): void {
    const count = (this.#entries.get(client)?.count ?? 0) + 1
    this.#entries.delete(client)
    this.#entries.set(client, { reason, source, count, lastSeen: now })
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value!)
  }

  get(client: Address): Unstored | undefined {
    return this.#entries.get(client)
  }
}
