// vpopmail's vchkpw, which authenticates for qmail-pop3d and others: vchkpw.c with --enable-logging=y or v.
// `vchkpw-pop3: (PLAIN) login success USER@DOMAIN:ADDRESS`; before 5.0 `vchkpw: login success USER@DOMAIN:ADDRESS` and
// `vchkpw: login [USER] from ADDRESS`.
//
// IPv4 only: a colon stands before the address. SMTP (vchkpw-smtp, -smtps, -submission), webmail and unknown ports are
// not logins to a mailbox. There is no line at the end of a session.
import { forPrograms, type Pattern, type ServerPatterns, shape } from '../pattern.ts'

const IPV4 = '([0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3})'
const NAME = '(.{0,155}@[A-Za-z0-9._-]{0,155})'
const SERVICE = 'vchkpw(?:-pop3s?|-imaps?)?'

const line = (source: string): Pattern => ({
  kind: 'login',
  starts: 'vchkpw',
  shape: shape(source),
  fields: ['user', 'address'],
})

export const VPOPMAIL: ServerPatterns = {
  server: 'vpopmail',
  patterns: forPrograms(
    ['vpopmail'],
    [
      line(`${SERVICE}: (?:\\([A-Z0-9-]{1,15}\\) )?login success ${NAME}:(?:::ffff:)?${IPV4}`),
      line(`${SERVICE}: system password login success ([^\\s:]{1,155}):(?:::ffff:)?${IPV4}`),
      line(`vchkpw: login \\[([^\\s]{1,255})\\] from ${IPV4}`),
    ],
  ),
}
