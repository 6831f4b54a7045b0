// When to look at a log again: at once where the system tells of changes, in any case once a second.
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

const POLL_MS = 1000
/** A log that is written to all the time is looked at no more often. */
const REST_MS = 20

export class Watch {
  readonly #path: string
  readonly #wake: () => void
  readonly #poll: NodeJS.Timeout
  #file: FSWatcher | undefined
  #directory: FSWatcher | undefined
  #pause: NodeJS.Timeout | undefined
  #lastMs = 0

  constructor(path: string, wake: () => void) {
    this.#path = path
    this.#wake = wake
    this.#poll = setInterval(() => this.#look(), POLL_MS).unref()
    this.renew()
  }

  /** The path leads to another file now. */
  renew(): void {
    this.#file?.close()
    this.#directory?.close()
    this.#file = this.#watch(this.#path, () => true)
    const name = basename(this.#path)
    this.#directory = this.#watch(dirname(this.#path), (type, about) => type === 'rename' && about === name)
  }

  close(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#pause)
    this.#file?.close()
    this.#directory?.close()
  }

  /** Undefined where it cannot be watched: then the poll alone must do. */
  #watch(path: string, matters: (type: string, about: string | null) => boolean): FSWatcher | undefined {
    try {
      const watcher = watch(path, { persistent: false }, (type, about) => {
        if (matters(type, about)) this.#soon()
      })
      return watcher.on('error', () => watcher.close())
    } catch {
      return undefined
    }
  }

  #soon(): void {
    if (this.#pause) return
    const rest = this.#lastMs + REST_MS - performance.now()
    if (rest <= 0) this.#look()
    else this.#pause = setTimeout(() => this.#look(), rest).unref()
  }

  #look(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#lastMs = performance.now()
    this.#wake()
  }
}
