// Takes what may relay now out of the store, a little at a time.
import type { Authorization } from '../../core/authorization.ts'
import { formatOf } from './formats.ts'
import { recordOf } from './image.ts'
import type { ImageBuilder } from './image-builder.ts'
import type { MapConfig } from './map-config.ts'

/** How long the listing may keep everything else waiting, in milliseconds. */
const SLICE = 3
/** The clock is looked at once in so many entries. */
const GLANCE = 32

export interface Listing {
  /** Addresses and networks that go into the map. */
  readonly entries: number
  /** Networks that are left out: nobody who has an address finds them in a map of exact keys. */
  readonly networks: number
  /** The earliest expiry of an entry; Infinity when there is none. */
  readonly earliest: number
}

/**
 * Hands everything that is live to the builder. Between slices the event loop turns; `stopped` is asked then.
 * @param listed from one consistent state, however long the reading takes
 * @param now seconds since the epoch; what expired before is left out
 * @returns undefined when it was stopped
 */
export async function listInto(
  builder: ImageBuilder,
  listed: Iterable<Authorization>,
  now: number,
  config: MapConfig,
  stopped: () => boolean,
): Promise<Listing | undefined> {
  let [entries, networks, earliest, seen, inSlice] = [0, 0, Number.POSITIVE_INFINITY, 0, 0]
  const networksToo = formatOf(config).holdsNetworks(config)
  let text = ''
  let began = performance.now()
  for (const { key, expiresAt } of listed) {
    if (++seen % GLANCE === 0 && performance.now() - began > SLICE) {
      builder.add(text, inSlice)
      text = ''
      inSlice = 0
      await new Promise(setImmediate)
      if (stopped()) return undefined
      began = performance.now()
    }
    if (expiresAt < now) continue
    if (!networksToo && key.includes('/')) {
      networks++
      continue
    }
    text += recordOf(key, expiresAt, config)
    inSlice++
    entries++
    if (expiresAt < earliest) earliest = expiresAt
  }
  builder.add(text, inSlice)
  return { entries, networks, earliest }
}
