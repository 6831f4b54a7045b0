// What one authorization has relayed within the last hour, in slots of five minutes.
import type { LimitReached, RelayLimits } from './relay-counter.ts'

const SLOT_SECONDS = 300
/** The slot of now, which is not over, and the twelve before it: an hour and what is left of a slot. */
const SLOTS = 13
/** Messages told apart at a time; Postfix lets one client have 50 sessions at most unless told otherwise. One that was forgotten counts again. */
const MAX_INSTANCES = 50
/** Longer texts are no recipient and no instance of Postfix's, and not worth their memory: they count each time. */
const MAX_TEXT = 512

interface Slot {
  readonly number: number
  messages: number
  recipients: number
}

export class KeyCount {
  #slots: Slot[] = []
  /** Messages that were counted, each with its last recipient; the one used last is last. */
  readonly #instances = new Map<string, string | undefined>()

  /** Whether it has nothing to remember any more. */
  isOver(now: number): boolean {
    const latest = this.#slots.at(-1)
    return latest !== undefined && latest.number <= slotOf(now) - SLOTS
  }

  take(now: number, instance: string, recipient: string, limits: RelayLimits): LimitReached | undefined {
    const slot = this.#current(now)
    // Postfix asks twice about one recipient when the service stands in two of its lists.
    if (recipient !== '' && this.#instances.get(instance) === recipient) return undefined
    const isNew = !this.#instances.has(instance)
    if (isNew && reached(limits.messagesPerHour, this.#sum('messages'))) return 'messages'
    if (reached(limits.recipientsPerHour, this.#sum('recipients'))) return 'recipients'
    slot.recipients++
    if (isNew) slot.messages++
    this.#remember(instance, recipient)
    return undefined
  }

  #current(now: number): Slot {
    const number = Math.max(slotOf(now), this.#slots.at(-1)?.number ?? 0)
    this.#slots = this.#slots.filter((slot) => slot.number > number - SLOTS)
    const latest = this.#slots.at(-1)
    if (latest?.number === number) return latest
    const slot = { number, messages: 0, recipients: 0 }
    this.#slots.push(slot)
    return slot
  }

  #sum(what: 'messages' | 'recipients'): number {
    return this.#slots.reduce((sum, slot) => sum + slot[what], 0)
  }

  #remember(instance: string, recipient: string): void {
    if (instance === '' || instance.length > MAX_TEXT) return
    this.#instances.delete(instance)
    this.#instances.set(copy(instance), recipient.length > MAX_TEXT ? undefined : copy(recipient))
    if (this.#instances.size <= MAX_INSTANCES) return
    for (const [oldest] of this.#instances) {
      this.#instances.delete(oldest)
      return
    }
  }
}

/** A slice would keep the whole request in memory. */
const copy = (text: string): string => Buffer.from(text).toString()
const slotOf = (seconds: number): number => Math.floor(seconds / SLOT_SECONDS)
const reached = (limit: number, count: number): boolean => limit > 0 && count >= limit
