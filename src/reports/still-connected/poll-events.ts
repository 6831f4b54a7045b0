// What becomes of polls, for whoever logs it.
import { channel } from 'node:diagnostics_channel'

/** Said once when polls begin to fail, or fail for another reason, and once when it is over, with how many failed. */
export type PollEvent =
  | { readonly type: 'failed'; readonly name: string; readonly reason: string }
  | { readonly type: 'recovered'; readonly name: string; readonly failures: number }

/** One PollEvent a message. */
export const pollEvents = channel('drac.poll')
