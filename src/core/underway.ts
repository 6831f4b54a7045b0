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

  /** @param until 0 for a login that may be withdrawn */
  put<T>(key: RelayKey, until: number, write: () => Promise<T>): Promise<T> {
    const entry = this.#begin(key)
    entry.until = Math.max(entry.until, until)
    return this.#end(key, entry, write)
  }

  /** Nothing of it lasts longer than `until`. @param shown until when the store shows it authorized */
  cut<T>(key: RelayKey, until: number, shown: number, write: () => Promise<T>): Promise<T> {
    const left = Math.min(this.until(key, shown), until)
    const entry = this.#begin(key)
    entry.until = left
    entry.cut = true
    return this.#end(key, entry, write)
  }

  #begin(key: RelayKey): Entry {
    const entry = this.#entries.get(key) ?? { writes: 0, until: 0, cut: false }
    entry.writes++
    this.#entries.set(key, entry)
    return entry
  }

  async #end<T>(key: RelayKey, entry: Entry, write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } finally {
      if (--entry.writes === 0) this.#entries.delete(key)
    }
  }
}
