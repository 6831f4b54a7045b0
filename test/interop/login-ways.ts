// Every way in which a POP or IMAP server's logins are tried, in the order of the table in integrations/README.md.
import type { Heading } from './page-table.ts'

export const LOGIN_WAYS: readonly Heading[] = [
  { server: 'Dovecot 2.3.19.1', way: 'auth policy' },
  { server: 'Dovecot 2.3.19.1', way: 'events' },
  { server: 'Dovecot 2.3.19.1', way: 'poll' },
  { server: 'Dovecot 2.3.19.1', way: 'poll over HTTP' },
  { server: 'Dovecot 2.3.19.1', way: 'post-login script' },
  { server: 'Cyrus 3.6.1', way: 'notify_external' },
  { server: 'Cyrus 3.6.1', way: 'dlist socket' },
  { server: 'Cyrus 3.6.1', way: 'poll' },
  { server: 'Cyrus 3.6.1', way: 'log' },
  { server: 'Courier IMAP 5.0.13', way: 'wrapper, report socket' },
  { server: 'Courier IMAP 5.0.13', way: 'wrapper, RPC' },
  { server: 'Courier POP3 1.0.16', way: 'wrapper, report socket' },
  { server: 'Courier POP3 1.0.16', way: 'wrapper, RPC' },
  { server: 'PAM 1.5.2, by pamtester', way: 'pam_exec, account' },
  { server: 'popa3d 1.0.3', way: 'log, standalone' },
  { server: 'Solid POP3 0.15', way: 'log' },
  { server: 'Perdition 2.2', way: 'log' },
]
