// popa3d: no PAM_RHOST and no report of its own, but two lines in the log when it runs by itself.
import { logWay } from '../log-way.ts'
import type { MailServer } from '../plan.ts'

export const popa3d: MailServer = {
  name: 'popa3d',
  title: 'popa3d',
  ways: [
    logWay('popa3d', [
      'popa3d must run standalone (popa3d -D; in Debian RUN_MODE=standalone): from inetd it logs no address',
      'standalone it listens on IPv4 alone',
    ]),
  ],
  byHand: 'nothing of popa3d is edited: it is followed in the log',
}
