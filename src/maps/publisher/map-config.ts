// How one map file is kept: a [[map]] table of the settings.
import { configError } from '../../lib/errors.ts'
import { formatOf } from './formats.ts'

export interface MapConfig {
  /** The file itself: `/etc/mail/dracd.db`. sendmail and Postfix are given it without the `.db`. */
  readonly path: string
  readonly format: 'btree' | 'hash' | 'cdb' | 'tcprules' | 'text'
  /** How clients are spelt: keys.ts for databases, formats/text.ts for texts. */
  readonly key: 'address' | 'cidr' | 'exim'
  /**
   * `expiry`: seconds since the epoch in ASCII, as rpc.dracd writes. Any other text is the value of every entry; none at
   * all makes a text a list.
   */
  readonly value: string
  /** A NUL after each key and value, as rpc.dracd built with TERM_KD and postmap write. */
  readonly nul: boolean
  /** For /bin/sh after each replacement, with the path in DRAC_MAP; empty or left out for none. */
  readonly command?: string
  /** Bytes; default 4096. */
  readonly pageSize?: number
}

/** Throws `config` DRAC_MAP_CONFIG. */
export function checkMapConfig(config: MapConfig): void {
  const { path, format, value } = config
  if (!path.startsWith('/')) throw configError('DRAC_MAP_CONFIG', `map ${path}: give the whole path, from "/"`)
  // An empty value is "not found" to sendmail and an error to Postfix.
  if (!/^[\x20-\x7e]{0,100}$/.test(value) || (value === '' && format !== 'text')) {
    throw configError('DRAC_MAP_CONFIG', `map ${path}: value must be "expiry" or 1 to 100 printable ASCII characters`)
  }
  if (config.command?.includes('\0')) throw configError('DRAC_MAP_CONFIG', `map ${path}: command has a NUL in it`)
  formatOf(config).check(config)
}
