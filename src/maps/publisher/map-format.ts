// What a kind of map file is to the publisher. One file of formats/ each.
import { configError } from '../../lib/errors.ts'
import type { PackedPairs } from '../../protocols/berkeley-db/packed-pairs.ts'
import type { MapConfig } from './map-config.ts'

/** No format has more keys than this for one client. */
export const MAX_SPELLINGS = 6

export interface MapFormat {
  /** Throws `config` DRAC_MAP_CONFIG for settings that do not go together. */
  check(config: MapConfig): void
  /** The value that every entry has; undefined when each has its own, its expiry. */
  fixedValue(config: MapConfig): string | undefined
  /** Whether a network can stand in the file and be found by its addresses. */
  holdsNetworks(config: MapConfig): boolean
  /** Every key under which a reader may ask for it. @param client an Address, or a network where they are held */
  keysOf(client: string, config: MapConfig): string[]
  /** The whole file. Throws `malformed` for what cannot be written. @param pairs in any order, no key twice */
  encode(pairs: PackedPairs, config: MapConfig): Buffer<ArrayBuffer>
  /** What a file holds, NULs that `nul` asks for included. Throws `malformed` or `unsupported` where the file is. */
  entries(bytes: Uint8Array, config: MapConfig): Iterable<readonly [key: string, value: string]>
}

/** Throws the `config` error of a setting that a format has no use for. */
export function refuseSetting({ path, format }: MapConfig, why: string): never {
  throw configError('DRAC_MAP_CONFIG', `map ${path}: format = "${format}": ${why}`)
}

/** The `value` of the settings as databases have it. */
export const valueOfSettings = ({ value }: MapConfig): string | undefined => (value === 'expiry' ? undefined : value)
