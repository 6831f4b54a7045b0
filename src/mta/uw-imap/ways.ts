// UW imapd and ipop3d: PAM, or the patches of the time with libdrac.
import { logWay } from '../log-way.ts'
import { pam } from '../pam/ways.ts'
import type { MailServer } from '../plan.ts'
import { rpcWay } from '../rpc-way.ts'

const HOST = { file: '/etc/mail/dracd.host', where: 'the whole file', text: 'uw-imap/dracd.host' }

export const uwImap: MailServer = {
  name: 'uw-imap',
  title: 'UW IMAP (imapd, ipop3d, Panda IMAP)',
  ways: [
    { ...pam.ways[0]!, name: 'pam', summary: 'pam_exec runs drac-report; nothing is rebuilt' },
    logWay('uw', ['it tells the end of sessions too, so that a client may relay while it stays connected']),
    rpcWay(HOST, [
      'with a patch of the time: EXTRACFLAGS=-DDRAC_AUTH=1 EXTRALDFLAGS="-L/path/to/libdrac/build -ldrac"',
      'some patches take DRACHOST of the environment in place of the file; an empty file or variable: off',
    ]),
  ],
  byHand: 'PAM serves more than mail: edit /etc/pam.d/imap and /etc/pam.d/pop by hand',
}
