// What `drac status` shows of a map file.
export type MapHealth =
  | { readonly state: 'up' }
  /** The file is older than it should be and goes on permitting what it holds. `since`: seconds since the epoch. */
  | { readonly state: 'down'; readonly reason: string; readonly since: number }

export interface MapStatus {
  readonly path: string
  readonly format: string
  /** Addresses in the file. */
  readonly entries: number
  /** Authorized networks that are not in it: an exact-key map cannot be asked for them. */
  readonly networks: number
  /** Keys in the file: more than addresses when IPv6 clients have several spellings. */
  readonly keys: number
  readonly bytes: number
  /** Seconds since the epoch; left out until there is a file of ours. */
  readonly writtenAt?: number
  /** Of the last rewrite, seconds. */
  readonly duration: number
  /** Age in seconds of the oldest change or expiry that is not yet in the file; 0 when it is up to date. */
  readonly lag: number
  /** Files put in place since the start. */
  readonly rewrites: number
  readonly failures: number
  readonly health: MapHealth
}
