// Courier-IMAP and Courier's pop3d: `LOGIN, user=USER, ip=[ADDRESS], port=[PORT][, protocol=IMAP]`, the same after
// LOGOUT, TIMEOUT and DISCONNECTED with counters. Before 3.0 without the port. The user's text comes first, so the last
// address counts. `LOGIN FAILED, ` and the LOGOUT without `user=` before a login are no events.
// courierlogger cuts long lines: what follows one is no event.
//
// Plesk's build puts the seconds since the epoch in front (they begin with 1 until May 2033) and the mailbox's path behind.
import {
  ADDRESS,
  forPrograms,
  NUMBER,
  type Pattern,
  type PatternKind,
  type ServerPatterns,
  shape,
  USER,
} from '../pattern.ts'

const WHO = `user=${USER}, ip=\\[${ADDRESS}\\](?:, port=\\[([0-9]{1,5})\\])?`
const COUNTERS = `(?:, [a-z]{1,16}=${NUMBER}){0,12}`

const line = (kind: PatternKind, verb: string, tail: string): Pattern => ({
  kind,
  starts: `${verb}, user=`,
  shape: shape(`${verb}, ${WHO}${tail}`),
  fields: ['user', 'address', 'port'],
})
const plesk = (pattern: Pattern): Pattern => ({
  ...pattern,
  starts: '1',
  shape: shape(`[0-9]{10}\\.[0-9]{6} ${pattern.shape.source.slice(1, -1)}(?:, maildir=[A-Za-z0-9._/@+-]{1,255})?`),
})

const PLAIN: readonly Pattern[] = [
  line('login', 'LOGIN', '(?:, protocol=[A-Z0-9]{1,16})?(?:, stls=1)?'),
  ...['LOGOUT', 'TIMEOUT', 'DISCONNECTED'].map((verb) => line('logout', verb, COUNTERS)),
]

export const COURIER: ServerPatterns = {
  server: 'courier',
  isCut: true,
  patterns: forPrograms(
    [
      'imapd',
      'imapd-ssl',
      'pop3d',
      'pop3d-ssl',
      'imaplogin',
      'pop3login',
      'courierpop3login',
      'courier-imapd',
      'courier-pop3d',
    ],
    [...PLAIN, ...PLAIN.map(plesk)],
  ),
}
