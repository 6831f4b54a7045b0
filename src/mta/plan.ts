// What "drac setup" says for one way of asking: text, places, commands.
import type { Inspect } from './check/inspection.ts'
import type { Change } from './edit/apply.ts'
import type { DracFacts } from './facts.ts'
import type { Places } from './places.ts'

/** Text that goes into one file. */
export interface Part {
  readonly file: string
  /** Where in the file, in words. */
  readonly where: string
  readonly text: string
}

export interface Plan {
  /** Lines for dracd.toml that switch on what is needed; none when the settings have it. */
  readonly settings: readonly string[]
  readonly parts: readonly Part[]
  /** What to type afterwards. */
  readonly commands: readonly string[]
  /** What a would-be relay hears while dracd is down; of a POP or IMAP server, what becomes of logins then. */
  readonly down: string
  readonly notes: readonly string[]
}

/** One way for one MTA to ask, or for one POP or IMAP server to report. */
export interface Way {
  readonly name: string
  readonly summary: string
  plan(facts: DracFacts): Plan
  /**
   * The files as they should be, read from where they are. Throws `config` DRAC_MANUAL, with what to do by hand, for what
   * no machine can edit safely. Left out: never.
   */
  edit?(facts: DracFacts, places: Places): readonly Change[]
}

/** What "drac setup" knows: an MTA, or a POP or IMAP server. */
export interface MailServer {
  readonly name: string
  /** As it is written. */
  readonly title: string
  /** The recommended one first. */
  readonly ways: readonly Way[]
  /** Why `--write` is refused for every way; left out when it is not. */
  readonly byHand?: string
  /** Tells whether the configuration that stands in `places` is one. */
  syntax?(places: Places): Syntax
}

export interface Mta extends MailServer {
  /** Reads the configuration that stands in `places`. */
  readonly inspect: Inspect
}

/** What the MTA's own checker said. `unable`: it could not be asked. */
export interface Syntax {
  readonly state: 'good' | 'bad' | 'unable'
  /** The command as typed. */
  readonly command: string
  readonly output: string
}
