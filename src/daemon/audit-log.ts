// What people changed by hand: a log line each, and a line in a file of its own where one is named.
import { appendFileSync } from 'node:fs'
import type { AuditEntry } from '../admin/audit.ts'
import { messageOf } from '../lib/errors.ts'
import { type Log, outside } from './log.ts'

export class AuditLog {
  readonly #path: string
  readonly #log: Log

  /** @param path empty for no file */
  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  /** The file is opened for each line, so that it can be moved away at any time. */
  write({ action, who, from, target, outcome }: AuditEntry): void {
    const line = { action, who: outside(who), from, target: outside(target), outcome }
    this.#log.info({ event: 'audit', ...line })
    if (this.#path === '') return
    try {
      const time = new Date().toISOString()
      appendFileSync(this.#path, `${JSON.stringify({ time, ...line })}\n`, { mode: 0o640 })
    } catch (error) {
      this.#log.error({ event: 'audit', path: this.#path, message: messageOf(error) })
    }
  }
}
