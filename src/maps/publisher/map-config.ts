// How one map file is kept: a [[map]] table of the settings.
import { configError } from '../../lib/errors.ts'
import { formatOf } from './formats.ts'

export interface MapConfig {
  /** The file itself: `/etc/mail/dracd.db`. sendmail and Postfix are given it without the `.db`. */
  readonly path: string
  readonly format: 'btree'
  /** `cidr` adds "/32" or "/128" to each key, as rpc.dracd built with CIDR_KEY does. */
  readonly key: 'address' | 'cidr'
  /** `expiry`: seconds since the epoch in ASCII, as rpc.dracd writes. Any other text is the value of every entry. */
  readonly value: string
  /** A NUL after each key and value, as rpc.dracd built with TERM_KD and postmap write. */
  readonly nul: boolean
  /** Bytes; default 4096. */
  readonly pageSize?: number
}

/** Throws `config` DRAC_MAP_CONFIG. */
export function checkMapConfig(config: MapConfig): void {
  const { path, value } = config
  if (!path.startsWith('/')) throw configError('DRAC_MAP_CONFIG', `map ${path}: give the whole path, from "/"`)
  // An empty value is "not found" to sendmail and an error to Postfix.
  if (!/^[\x20-\x7e]{1,100}$/.test(value)) {
    throw configError('DRAC_MAP_CONFIG', `map ${path}: value must be "expiry" or 1 to 100 printable ASCII characters`)
  }
  formatOf(config).check(config)
}
