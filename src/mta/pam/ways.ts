// Whatever logs its users in through PAM and gives their address: pam_exec, after the password was right.
import type { MailServer, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'

const account = (): Plan => ({
  settings: [],
  parts: [{ file: '/etc/pam.d/SERVICE', where: 'the last line', text: snippet('pam/account') }],
  commands: [],
  down: 'logins go on as ever, and wait for nothing; those of the meantime are not authorized',
  notes: [
    'SERVICE is imap and pop for UW imapd and ipop3d, dovecot for Dovecot; drac setup has better ways for Dovecot',
    'the server must set PAM_RHOST to an address: popa3d, solid-pop3d, GNU mailutils and saslauthd do not (integrations/pam)',
    'account, never auth: modules of type auth run after wrong passwords too',
    'it runs as the server does then, mostly root, over the control socket; DRACHOST or /etc/mail/dracd.host name other hosts',
  ],
})

export const pam: MailServer = {
  name: 'pam',
  title: 'PAM (UW IMAP, and others that set PAM_RHOST)',
  ways: [{ name: 'account', summary: 'pam_exec runs drac-report in the account phase', plan: account }],
  byHand: 'only you know which services of /etc/pam.d are mail servers',
}
