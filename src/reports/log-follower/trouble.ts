// What hinders a log from being followed, said once when it begins and once when it is over.
import { channel } from 'node:diagnostics_channel'
import { wallClock } from '../../lib/clock.ts'

export type LogTrouble =
  | { readonly type: 'failed'; readonly log: string; readonly reason: string }
  | { readonly type: 'recovered'; readonly log: string }
  /** Files that were being read and are nowhere to be found: what was written to them after the last look is lost. */
  | { readonly type: 'lost'; readonly log: string; readonly files: readonly string[] }

/** One LogTrouble a message. */
export const logTrouble = channel('drac.log')

/** The trouble of one log. */
export class TroubleNote {
  readonly #log: string
  #now: { readonly reason: string; readonly since: number } | undefined

  constructor(log: string) {
    this.#log = log
  }

  get now(): { readonly reason: string; readonly since: number } | undefined {
    return this.#now
  }

  /** @param reason undefined when all is well */
  set(reason: string | undefined): void {
    if (reason === this.#now?.reason) return
    const message: LogTrouble =
      reason === undefined ? { type: 'recovered', log: this.#log } : { type: 'failed', log: this.#log, reason }
    this.#now = reason === undefined ? undefined : { reason, since: this.#now?.since ?? wallClock() }
    logTrouble.publish(message)
  }
}
