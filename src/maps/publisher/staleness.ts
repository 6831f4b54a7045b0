// A daemon that died leaves its map files as they were, and they go on permitting: how much of that is over?
import { formatOf, hasFixedValue } from './formats.ts'
import type { MapConfig } from './map-config.ts'

export interface MapContent {
  /** Keys in the file: an IPv6 client has several in most formats. */
  readonly keys: number
  /**
   * Those that should not permit any longer. Undefined when that cannot be known: the file does not say until when
   * its entries last, because its value is fixed.
   */
  readonly expired: number | undefined
}

/**
 * What is in a map file, whoever is running. Throws `malformed` or `unsupported` for bytes that are not of the format.
 * @param bytes the whole file @param now seconds since the epoch
 */
export function contentOf(bytes: Uint8Array, config: MapConfig, now: number): MapContent {
  let [keys, expired, unknown] = [0, 0, 0]
  const fixed = hasFixedValue(config)
  for (const [, value] of formatOf(config).entries(bytes, config)) {
    keys++
    const digits = /^(\d{1,10})\0?$/.exec(value)?.[1]
    if (fixed || digits === undefined) unknown++
    else if (Number(digits) < now) expired++
  }
  return { keys, expired: unknown > 0 ? undefined : expired }
}
