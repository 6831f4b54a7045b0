// Where lines come from: a file or the journal.
import type { LogEvent } from '../../protocols/login-log/event.ts'

/** What was read at once, matched already. */
export interface Batch {
  readonly events: readonly LogEvent[]
  readonly lines: number
  /** Lines that were dropped because they are too long. */
  readonly overlong: number
  /** With what the source is to be opened after a restart, to go on after this batch; becomes JSON. */
  readonly position: () => unknown
}

export interface SourceStatus {
  /** The log is not there. */
  readonly waiting: boolean
  /** Why it is not being read; it is tried again. */
  readonly trouble?: { readonly reason: string; readonly since: number }
  /** Of a file: the offset up to which it was read, and the bytes after it. */
  readonly offset?: number
  readonly behind?: number
}

export interface LogSource {
  /** Reads from now on. Each batch waits for the one before it to be taken. Trouble is told by `status` and tried again. */
  run(take: (batch: Batch) => Promise<void>): void
  status(): SourceStatus
  /** Resolves once nothing more is handed over. */
  close(): Promise<void>
}
