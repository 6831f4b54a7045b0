// How many different users log in from one address.
import type { RelayKey } from '../lib/prefix.ts'
import type { Login } from './authorization.ts'

/** Addresses remembered; the one not heard of for longest goes first. */
const MAX_KEYS = 100_000

/** Users of each address within a window of time, and no more of them than the question needs. */
export class SharedAddresses {
  readonly #keys = new Map<RelayKey, Map<string, number>>()
  readonly #stored: (key: RelayKey) => readonly Login[]

  /** @param stored who is known to have logged in from an address that is not remembered here, after a restart say */
  constructor(stored: (key: RelayKey) => readonly Login[]) {
    this.#stored = stored
  }

  /**
   * Notes the user, if the report named one, and says whether the address has more than `limit` of them.
   * @param now and window in seconds
   */
  isShared(key: RelayKey, user: string | undefined, now: number, window: number, limit: number): boolean {
    const users = this.#usersOf(key)
    if (user !== undefined) {
      users.delete(user)
      users.set(user, now)
    }
    // In order of their last login.
    for (const [name, lastSeen] of users) {
      if (lastSeen >= now - window && users.size <= limit + 1) break
      users.delete(name)
    }
    return users.size > limit
  }

  #usersOf(key: RelayKey): Map<string, number> {
    const users = this.#keys.get(key) ?? new Map(this.#known(key))
    this.#keys.delete(key)
    this.#keys.set(key, users)
    if (this.#keys.size > MAX_KEYS) this.#keys.delete(this.#keys.keys().next().value!)
    return users
  }

  #known(key: RelayKey): [string, number][] {
    const named = this.#stored(key).filter(({ user }) => user !== '')
    return named.map(({ user, lastSeen }) => [user, lastSeen] as [string, number]).sort(([, a], [, b]) => a - b)
  }
}
