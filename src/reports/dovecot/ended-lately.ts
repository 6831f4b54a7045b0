/** Remembered for this long; two connections of one Dovecot do not keep their requests apart by more. */
const REMEMBER_MS = 60_000
const LIMIT = 10_000

/**
 * Sessions whose end is known. Dovecot's auth process reports logins over one connection and its stats process ends over
 * another: the end of a short session may come first, and a session opened after it would stay open.
 */
export class EndedLately {
  readonly #until = new Map<string, number>()
  readonly #now: () => number
  readonly #limit: number

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number = () => performance.now(), limit = LIMIT) {
    this.#now = now
    this.#limit = limit
  }

  add(session: string): void {
    for (const [oldest, until] of this.#until) {
      if (until > this.#now() && this.#until.size < this.#limit) break
      this.#until.delete(oldest)
    }
    this.#until.delete(session)
    this.#until.set(session, this.#now() + REMEMBER_MS)
  }

  has(session: string): boolean {
    return (this.#until.get(session) ?? 0) > this.#now()
  }
}
