// How much each authorized address has relayed within the last hour.
import type { Clock } from '../../lib/clock.ts'
import { KeyCount } from './key-count.ts'

/** 0: no limit. */
export interface RelayLimits {
  readonly messagesPerHour: number
  readonly recipientsPerHour: number
}

/** One RCPT TO that is to be permitted. */
export interface Recipient {
  /** The authorization it counts against. */
  readonly key: string
  /** The same for all recipients of one message; empty: unknown, then each recipient counts as a message. */
  readonly instance: string
  readonly recipient: string
}

/** Which limit is in the way. */
export type LimitReached = 'messages' | 'recipients'

/**
 * Within any 60 minutes no key gets more than its limits; what was counted is forgotten 60 to 65 minutes later.
 * What is deferred is not counted, so that trying again costs nothing. Memory is bounded: the keys not used for longest
 * are forgotten first.
 */
export class RelayCounter {
  readonly #clock: Clock
  readonly #maxKeys: number
  /** The key used last is last. */
  readonly #counts = new Map<string, KeyCount>()

  /** @param clock seconds; should never go back. While it does, nothing is forgotten */
  constructor(clock: Clock, maxKeys = 20_000) {
    this.#clock = clock
    this.#maxKeys = maxKeys
  }

  /** Keys remembered. */
  get size(): number {
    return this.#counts.size
  }

  /** Counts a recipient, or says which limit is in the way and counts nothing. */
  take({ key, instance, recipient }: Recipient, limits: RelayLimits): LimitReached | undefined {
    if (limits.messagesPerHour === 0 && limits.recipientsPerHour === 0) return undefined
    const now = this.#clock()
    const count = this.#counts.get(key) ?? new KeyCount()
    this.#counts.delete(key)
    this.#forget(now)
    this.#counts.set(key, count)
    return count.take(now, instance, recipient, limits)
  }

  /** Makes room for one. */
  #forget(now: number): void {
    for (const [key, count] of this.#counts) {
      if (this.#counts.size < this.#maxKeys && !count.isOver(now)) return
      this.#counts.delete(key)
    }
  }
}
