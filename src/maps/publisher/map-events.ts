// What happens to map files, for the log and the counters.
import { channel } from 'node:diagnostics_channel'

/** What is tried: to replace the file, or the command after that. */
type What = 'file' | 'command'

/** Said once when it begins to fail and once when it is over, however often it was tried between. */
export type MapEvent =
  | { readonly type: 'failed'; readonly path: string; readonly what: What; readonly reason: string }
  | { readonly type: 'recovered'; readonly path: string; readonly what: What }

/** One MapEvent a message. */
export const mapEvents = channel('drac.map')
