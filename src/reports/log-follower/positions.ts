// How far each log was read, kept over restarts in one file of the state directory.
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { messageOf } from '../../lib/errors.ts'

/** A crash makes us read again what was read since the last save: the same logins with the same times, counted once. */
const SAVE_MS = 1000

export class Positions {
  readonly #path: string
  readonly #sayTrouble: (reason: string | undefined) => void
  readonly #values: Map<string, () => unknown>
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()

  /**
   * A file that is missing or not to be understood is like an empty one: every log is then begun with its recent lines.
   * @param names of the logs that are followed: what was kept of others is forgotten
   */
  constructor(path: string, names: readonly string[], sayTrouble: (reason: string | undefined) => void) {
    this.#path = path
    this.#sayTrouble = sayTrouble
    const kept = read(path)
    this.#values = new Map(names.flatMap((name) => (Object.hasOwn(kept, name) ? [[name, () => kept[name]]] : [])))
  }

  get(name: string): unknown {
    return this.#values.get(name)?.()
  }

  /** Saved within a second. @param value makes what is kept, which is JSON */
  set(name: string, value: () => unknown): void {
    this.#values.set(name, value)
    this.#timer ??= setTimeout(() => void this.save(), SAVE_MS)
  }

  /** Now. Never rejects: where it cannot be saved, more is read again after a restart. */
  save(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#saving = this.#saving.then(() => this.#write())
    return this.#saving
  }

  async #write(): Promise<void> {
    const all = Object.fromEntries([...this.#values].map(([name, value]) => [name, value()]))
    const temporary = `${this.#path}.new`
    try {
      await writeFile(temporary, `${JSON.stringify(all, undefined, 1)}\n`, { mode: 0o600 })
      await rename(temporary, this.#path)
      this.#sayTrouble(undefined)
    } catch (error) {
      this.#sayTrouble(messageOf(error))
    }
  }
}

function read(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
