// What reading one MTA's configuration yields.
import type { Prefix } from '../../lib/prefix.ts'
import type { DracFacts } from '../facts.ts'
import type { Places } from '../places.ts'
import type { Finding } from './finding.ts'

export interface Inspection {
  readonly findings: readonly Finding[]
  /**
   * Networks that may relay whatever drac says, as far as the configuration tells; undefined when it does not tell. A
   * client in one of them proves nothing.
   */
  readonly trusted: readonly Prefix[] | undefined
}

/** What an inspection needs beside the MTA's files. */
export interface Known {
  readonly facts: DracFacts
  /** The text of dracd's systemd unit; undefined when there is none. */
  readonly unit: string | undefined
}

export type Inspect = (places: Places, known: Known) => Inspection
