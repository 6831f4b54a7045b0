// Keeps the WAL short, off the event loop.
//
// The maintenance thread copies the WAL's pages to their place while logins go on. A WAL that is never copied to its end
// never starts over: it would grow for as long as the load lasts, and appending to a file costs more to sync than writing
// over it. So after some rounds, when only little is left, writes wait for a moment (look-ups do not) while the rest is
// copied and the WAL starts again from its beginning.
import type { Maintenance } from './maintenance.ts'

/** Rows written between two checkpoints; a row is about a page, a page a kilobyte. */
const EVERY = 8192
/** So few rows are left that writes may wait for them: a few milliseconds. */
const LITTLE = 512
const ROUNDS = 5

export class Checkpoints {
  readonly #maintenance: Maintenance
  readonly #alone: <T>(work: () => Promise<T>) => Promise<T>
  readonly #done: (error?: unknown) => void
  #written = 0
  #running = false

  /**
   * @param alone runs work while no write does
   * @param done called after each checkpoint; with an error when it failed
   */
  constructor(
    maintenance: Maintenance,
    alone: <T>(work: () => Promise<T>) => Promise<T>,
    done: (error?: unknown) => void,
  ) {
    this.#maintenance = maintenance
    this.#alone = alone
    this.#done = done
  }

  get running(): boolean {
    return this.#running
  }

  wrote(rows: number): void {
    this.#written += rows
    if (this.#written >= EVERY && !this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      for (let round = 0; round < ROUNDS && this.#written > LITTLE; round++) {
        this.#written = 0
        await this.#maintenance.run('checkpoint')
      }
      await this.#alone(() => this.#maintenance.run('restart'))
      this.#written = 0
      this.#running = false
      this.#done()
    } catch (error) {
      this.#running = false
      this.#done(error)
    }
  }
}
