// Cyrus IMAP 1.5 to 3: imap/imapd.c and imap/pop3d.c, `login: HOST USER MECH[+TLS] User logged in[ SESSIONID=<..>]`.
//
// HOST is `[ADDRESS]` or `NAME [ADDRESS]` and comes before the user's text. A failed login is `badlogin: `. The end of a
// session is the process's `USAGE` line; processes serve one session after the other.
//
// Where anonymous logins are allowed, `login: HOST anonymous TEXT` has the text that a stranger sent as password: no user
// of that name counts.
import { ADDRESS, forPrograms, HOSTNAME, type Pattern, type ServerPatterns, shape, USER } from '../pattern.ts'

const PATTERNS: readonly Pattern[] = [
  {
    kind: 'login',
    starts: 'login: ',
    shape: shape(
      `login: (?:${HOSTNAME} ?)?\\[${ADDRESS}\\] (?!anonymous )${USER} (?!ANONYMOUS)[A-Za-z0-9_-]{1,32}(?:\\+TLS)? User logged in` +
        '(?: SESSIONID=<([A-Za-z0-9._:-]{1,200})>)?',
    ),
    fields: ['address', 'user', 'session'],
  },
  {
    kind: 'end',
    starts: 'USAGE ',
    shape: shape(`USAGE ${USER} user: [0-9.]{1,20} sys: [0-9.]{1,20}`),
    fields: ['user'],
  },
]

const SERVICES = ['imap', 'imaps', 'imapd', 'pop3', 'pop3s', 'pop3d']

export const CYRUS: ServerPatterns = {
  server: 'cyrus',
  patterns: forPrograms([...SERVICES, ...SERVICES.map((service) => `cyrus/${service}`)], PATTERNS),
  sessionIsProcess: true,
}
