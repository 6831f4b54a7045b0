// One budget of time for everything that a report takes: name look-up, portmapper, connection, call.
import { tempfail } from '../lib/errors.ts'

/** Runs from the moment it is made until `end()`, and keeps the process alive for so long and no longer. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #at: number
  readonly #detach: () => void

  /** @param ms from now. @param parent ends this one when it ends, whatever `ms` says */
  constructor(ms: number, parent?: Deadline) {
    this.#at = performance.now() + ms
    this.#timer = setTimeout(() => this.expire(), ms)
    this.#detach = parent ? parent.#onExpiry(() => this.expire()) : () => {}
  }

  /** Milliseconds left, never negative. */
  get remaining(): number {
    return this.expired ? 0 : Math.max(0, this.#at - performance.now())
  }

  get expired(): boolean {
    return this.#controller.signal.aborted
  }

  /** An equal share of what is left for one of `count` attempts. */
  share(count: number): Deadline {
    return new Deadline(this.remaining / count, this)
  }

  /** What `promise` comes to, or a `tempfail` DRAC_CLIENT_TIMEOUT when that takes too long. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const detach = this.#onExpiry(() => reject(tempfail('DRAC_CLIENT_TIMEOUT', 'no answer in time')))
      promise.then(resolve, reject).finally(detach)
    })
  }

  /** Everything that races with this fails now. */
  expire(): void {
    this.end()
    this.#controller.abort()
  }

  /** The work is done: the clock stops. */
  end(): void {
    clearTimeout(this.#timer)
    this.#detach()
  }

  #onExpiry(listener: () => void): () => void {
    const { signal } = this.#controller
    if (signal.aborted) queueMicrotask(listener)
    else signal.addEventListener('abort', listener, { once: true })
    return () => signal.removeEventListener('abort', listener)
  }
}
