// What `drac status` shows of a map file.
export type MapHealth =
  | { readonly state: 'up' }
  /**
   * The file is older than it should be, or what its command makes of it; it goes on permitting what it holds. `since`:
   * seconds since the epoch.
   */
  | { readonly state: 'down'; readonly reason: string; readonly since: number }

export interface MapStatus {
  readonly path: string
  readonly format: string
  /** Addresses and networks in the file. */
  readonly entries: number
  /** Authorized networks that are not in it: nobody who has an address finds them in a map of exact keys. */
  readonly networks: number
  /** Keys in the file: more than addresses when IPv6 clients have several spellings. */
  readonly keys: number
  readonly bytes: number
  /** Seconds since the epoch; left out until there is a file of ours. */
  readonly writtenAt?: number
  /** Of the last rewrite, seconds. */
  readonly duration: number
  /**
   * Age in seconds of the oldest change or expiry that is not yet in the file, or that the command has not dealt with; 0
   * when all is up to date.
   */
  readonly lag: number
  /** Files put in place since the start. */
  readonly rewrites: number
  readonly failures: number
  /** Left out when no command is set. */
  readonly command?: CommandStatus
  readonly health: MapHealth
}

/** What is run after each replacement. */
export interface CommandStatus {
  /** Ended, well or not, since the start. */
  readonly runs: number
  readonly failures: number
  /** Of the last run, seconds. */
  readonly duration: number
  readonly health: MapHealth
}
