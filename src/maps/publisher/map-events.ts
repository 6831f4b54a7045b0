// What happens to map files, for the log and the counters.
import { channel } from 'node:diagnostics_channel'

/** Said once when it begins to fail and once when it is over, however often it was tried between. */
export type MapEvent =
  | { readonly type: 'failed'; readonly path: string; readonly reason: string }
  | { readonly type: 'recovered'; readonly path: string }

/** One MapEvent a message. */
export const mapEvents = channel('drac.map')
