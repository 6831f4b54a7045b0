// The University of Washington's imapd and ipop3d, also Panda IMAP: src/imapd/imapd.c and src/ipopd/ipop3d.c.
//
// `VERB user=%.80s host=%.80s`, and the host is `[ADDRESS]` or `NAME [ADDRESS]`: a name so long that the bracket is cut
// off is no match, and neither is a user name that holds `host=[..]`, for the last group counts. A failed login is
// `Login failed user=`. A logout line comes after a failed login too.
import {
  ADDRESS,
  forPrograms,
  HOSTNAME,
  NUMBER,
  type Pattern,
  type PatternKind,
  type ServerPatterns,
  shape,
  USER,
} from '../pattern.ts'

const HOST = `host=(?:${HOSTNAME} )?\\[${ADDRESS}\\]`
const line = (kind: PatternKind, verb: string, tail = ''): Pattern => ({
  kind,
  starts: `${verb} user=`,
  shape: shape(`${verb} user=${USER} ${HOST}${tail}`),
  fields: ['user', 'address'],
})
/** What broke the connection, `Connection reset by peer, while reading line`; older versions without the comma. */
const broken = (why: string): Pattern => ({
  kind: 'logout',
  starts: why.split('(')[0]!,
  shape: shape(`${why},? while reading (?:line|char|literal|authentication) user=${USER} ${HOST}`),
  fields: ['user', 'address'],
})

const PATTERNS: readonly Pattern[] = [
  ...['Login', 'Auth', 'APOP'].map((verb) => line('login', verb, `(?: nmsgs=${NUMBER}/${NUMBER})?`)),
  line('login', 'Authenticated', '(?: mech=(?!ANONYMOUS)[A-Z0-9_-]{1,80})?'),
  ...['Logout', 'Autologout'].map((verb) => line('logout', verb)),
  {
    kind: 'logout',
    starts: 'Killed ',
    shape: shape(`Killed (?:\\(lost mailbox lock\\) )?user=${USER} ${HOST}`),
    fields: ['user', 'address'],
  },
  ...[
    'Command stream end of file',
    'Unexpected client disconnect',
    'Connection (?:broken|reset by peer|timed out)',
    'Broken pipe',
  ].map(broken),
]

export const UW: ServerPatterns = {
  server: 'uw',
  patterns: forPrograms(['imapd', 'imapsd', 'ipop3d', 'ipop3sd'], PATTERNS),
  sessionIsProcess: true,
}
