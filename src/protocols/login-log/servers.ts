// Every server whose lines are known.
import type { ServerPatterns } from './pattern.ts'
import { DOVECOT } from './patterns/dovecot.ts'

export const ALL: readonly ServerPatterns[] = [DOVECOT]

/** Names for `servers = [...]`. */
export const SERVERS: readonly string[] = ALL.map(({ server }) => server)
