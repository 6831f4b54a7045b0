// Writes that the store has been told of and that a read does not show yet.
import type { RelayKey } from '../lib/prefix.ts'

interface Entry {
  writes: number
  /** Until when the address may relay by reports among these writes that cannot be withdrawn. */
  until: number
  /** What the store had before is taken back: `until` is all there will be. */
  cut: boolean
}

/** What the writes under way will leave of each key, for decisions that cannot wait for them. Times are seconds. */
export class Underway {
  readonly #entries = new Map<RelayKey, Entry>()

  has(key: RelayKey): boolean {
    return this.#entries.has(key)
  }

  /** Until when the key is authorized, given what the store shows, once everything is written; 0 when it is not. */
  until(key: RelayKey, shown: number): number {
    const entry = this.#entries.get(key)
    if (entry === undefined) return shown
    return entry.cut ? entry.until : Math.max(entry.until, shown)
  }

  /** A login is written. Needs its `end`. @param until 0 for one that may be withdrawn */
  put(key: RelayKey, until: number): void {
    const entry = this.#begin(key)
    if (until > entry.until) entry.until = until
  }

  /** Nothing will last longer than `until`. Needs its `end`. @param shown until when the store shows the key authorized */
  cut(key: RelayKey, until: number, shown: number): void {
    const left = Math.min(this.until(key, shown), until)
    const entry = this.#begin(key)
    entry.until = left
    entry.cut = true
  }

  /** One write of this key is over, whichever of them. */
  end(key: RelayKey): void {
    const entry = this.#entries.get(key)
    if (entry && --entry.writes === 0) this.#entries.delete(key)
  }

  #begin(key: RelayKey): Entry {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { writes: 0, until: 0, cut: false }
      this.#entries.set(key, entry)
    }
    entry.writes++
    return entry
  }
}
