// Writes that arrive together share one transaction and one sync.
//
// A put waits for setImmediate, which comes right after the poll phase that brought it: at one outstanding that costs
// nothing, and all that one poll phase reads (libuv takes up to 32 datagrams from a socket) goes together. When a turn of
// the loop brought many, more are likely waiting in the socket, so we look once more before we commit. While a sync is
// under way in the thread pool, what arrives gathers for the next transaction.

/** One write: `run` inside a transaction, then, once that is durable, `resolve` with what it gave. */
export interface Write {
  /** May do without BEGIN and COMMIT when it is the only one. */
  plain(): boolean
  run(): void
  resolve(): void
  reject(error: unknown): void
}

export interface Committer {
  /** Runs the writes in one transaction. Throws when none of them took place. */
  transact(writes: readonly Write[]): void
  /** True: durable now. False: `done` will be called. Throws when it failed. */
  sync(done: (error: Error | null) => void): boolean
  /** Called after each group was answered. @param seconds from its beginning until it was durable @param writes in it */
  committed(seconds: number, writes: number): void
  /** A group failed. Returns true to have it tried again after a while; otherwise it has called `abandon`. */
  failed(error: unknown): boolean
}

/** A turn that brought this many makes us look whether the next one brings more. */
const MANY = 16
const GROUP_MAX = 512
const RETRY_MS = 10

export class GroupCommit {
  readonly #committer: Committer
  #waiting: Write[] = []
  #lastTurn = 0
  #scheduled = false
  /** The group that is being committed. */
  #current: readonly Write[] | undefined
  #begunAt = 0
  #paused = false
  #whenIdle: (() => void)[] = []

  constructor(committer: Committer) {
    this.#committer = committer
  }

  get waiting(): number {
    return this.#waiting.length
  }

  add(write: Write): void {
    this.#waiting.push(write)
    this.#schedule()
  }

  /** Resolves when no commit is under way; none begins until `resume`. */
  async pause(): Promise<void> {
    this.#paused = true
    while (this.#current) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  /** Resolves when all that was added has been answered. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#current) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  /** Rejects all that is not answered. A commit under way may still come to its end; it changes no answer. */
  abandon(error: unknown): void {
    const writes = [...(this.#current ?? []), ...this.#waiting]
    this.#current = undefined
    this.#waiting = []
    for (const write of writes) write.reject(error)
    this.#idle()
  }

  #schedule(): void {
    if (this.#scheduled || this.#current || this.#paused || this.#waiting.length === 0) return
    this.#scheduled = true
    this.#lastTurn = 0
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    const gathered = this.#waiting.length
    if (gathered - this.#lastTurn >= MANY && gathered < GROUP_MAX) {
      this.#lastTurn = gathered
      setImmediate(this.#turn)
      return
    }
    this.#scheduled = false
    this.#commit()
  }

  #commit(): void {
    if (this.#current || this.#paused || this.#waiting.length === 0) return
    const writes = this.#waiting
    this.#waiting = []
    this.#current = writes
    this.#begunAt = performance.now()
    try {
      this.#committer.transact(writes)
      const durable = this.#committer.sync((error) => {
        if (error) this.#fail(error, writes)
        else this.#settle(writes)
      })
      if (!durable) return
    } catch (error) {
      this.#fail(error, writes)
      return
    }
    this.#settle(writes)
  }

  #settle(writes: readonly Write[]): void {
    if (this.#current !== writes) return
    this.#current = undefined
    for (const write of writes) write.resolve()
    this.#committer.committed((performance.now() - this.#begunAt) / 1000, writes.length)
    this.#idle()
    // What came while the disk was busy has gathered long enough.
    if (!this.#scheduled) this.#commit()
  }

  #fail(error: unknown, writes: readonly Write[]): void {
    if (this.#current !== writes) return
    if (!this.#committer.failed(error)) return
    setTimeout(() => {
      if (this.#current !== writes) return
      this.#current = undefined
      this.#waiting = [...writes, ...this.#waiting]
      this.#idle()
      this.#commit()
    }, RETRY_MS)
  }

  #idle(): void {
    const waiters = this.#whenIdle
    this.#whenIdle = []
    for (const resolve of waiters) resolve()
  }
}
