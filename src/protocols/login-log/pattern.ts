// What a pattern is, and the rules every pattern keeps.
//
// - The program (syslog tag) is checked first and exactly; never an MTA's.
// - Anchored at both ends. The user name is text that the client chose, so it comes last to be bounded: what follows it
//   is written by the server alone and is matched whole up to the end of the line, so the last address counts.
// - Every repetition has an upper bound, none is nested in another without one: the work per line is bounded, however
//   long the line is.
// - A user name over 255 characters is no match: with that bound no line that matches reaches the 1024 bytes at which
//   syslog daemons may cut (RFC 3164 section 4.1), so that a cut inside a user name cannot pass for the line's end.
// - A line that is written for a failed login, or before authentication, must not be able to begin like a pattern.

/**
 * `stats`: a line at the end of a session which is all that some versions write; it counts as the logout of a login that
 * was seen, else as a login. `opened`: names the address, no login yet. `passed`: the login of an opened session of the
 * same pid, names no address. `closed`: an opened session is over without a login.
 */
export type PatternKind = 'login' | 'logout' | 'end' | 'stats' | 'opened' | 'passed' | 'closed'
/** `port`: with the address it makes the session key. `pid`: the session is this process, not the one that writes. */
export type Field = 'address' | 'user' | 'session' | 'port' | 'pid'

/** Texts that a pattern found in a message. */
export type Found = { readonly [Key in Field]?: string | undefined }

export interface Pattern {
  readonly kind: PatternKind
  /** The message begins so: a cheap test before the expression. */
  readonly starts: string
  readonly shape: RegExp
  /** What the groups of `shape` are, in their order. */
  readonly fields: readonly Field[]
}

export interface ServerPatterns {
  readonly server: string
  /** Exact syslog tags; empty text is the server's own log file. */
  readonly patterns: ReadonlyMap<string, readonly Pattern[]>
  /** One process serves one session at a time: where a line has no key of its own, it is host, tag and pid. */
  readonly sessionIsProcess?: boolean
  /** A login is written again while its session lasts: after a revocation such a line must count for nothing. */
  readonly repeatsLogins?: boolean
  /** It logs through a program that cuts long lines in two. */
  readonly isCut?: boolean
}

/** Characters of an address; what they make is checked by the address parser. */
export const ADDRESS = '([0-9A-Fa-f:.]{2,45})'
/**
 * The shortest name with which the rest of the line is what the server writes after it. There is one such name only: no
 * tail of a pattern can hold the text that ends a name. Short ones first is faster, for most names are short.
 */
export const USER = '(.{0,255}?)'
/** A host name as DNS gives it, which whoever owns the reverse zone chose. */
export const HOSTNAME = '[A-Za-z0-9._-]{1,255}'
export const NUMBER = '[0-9]{1,20}'

/** Anchors at both ends; a dot is any character, so that no line separator hides a tail. */
export const shape = (source: string): RegExp => new RegExp(`^${source}$`, 's')

/** The same patterns for several tags. */
export const forPrograms = (
  programs: readonly string[],
  patterns: readonly Pattern[],
): ReadonlyMap<string, readonly Pattern[]> => new Map(programs.map((program) => [program, patterns]))
