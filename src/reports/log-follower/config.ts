// How one log is followed: a [[log]] of the settings, with the [[log_pattern]]s beside it.
import { configError } from '../../lib/errors.ts'
import { type ExtraPattern, LogMatcher, SERVERS } from '../../protocols/login-log/matcher.ts'

export interface LogConfig {
  /** Empty for a journal. */
  readonly path: string
  /** Units; none for a file. */
  readonly journal: readonly string[]
  /** Of SERVERS, or names of patterns; none for all. */
  readonly servers: readonly string[]
}

/** Throws `config` DRAC_LOG_CONFIG unless it is either a file or a journal. */
export function checkLogConfig({ path, journal }: LogConfig): void {
  if (path !== '' && journal.length > 0)
    throw configError('DRAC_LOG_CONFIG', 'path and journal are both set; write a [[log]] for each')
  if (path === '' && journal.length === 0)
    throw configError('DRAC_LOG_CONFIG', 'a log is a path, such as path = "/var/log/mail.log", or a journal')
}

/** In messages, of its position. */
export const nameOfLog = ({ path, journal }: LogConfig): string => (path === '' ? `journal ${journal.join(' ')}` : path)

/** Throws `config` DRAC_LOG_SERVER and DRAC_LOG_PATTERN. */
export function matcherOf({ servers }: LogConfig, patterns: readonly ExtraPattern[]): LogMatcher {
  if (servers.length === 0) return new LogMatcher({ extra: patterns })
  const extra = patterns.filter(({ name }) => servers.includes(name))
  const isExtra = (server: string): boolean => extra.some(({ name }) => name === server)
  return new LogMatcher({ servers: servers.filter((server) => !isExtra(server)), extra })
}

/** Throws `config` when a pattern cannot be used. */
export function checkPattern(pattern: ExtraPattern): void {
  if (SERVERS.includes(pattern.name))
    throw configError('DRAC_LOG_PATTERN', `${pattern.name} is known already; choose another name`)
  new LogMatcher({ servers: [], extra: [pattern] })
}
