// Qpopper: DRAC is in it from 3.1 on, and in patches for those before.
import { logWay } from '../log-way.ts'
import type { MailServer } from '../plan.ts'
import { rpcWay } from '../rpc-way.ts'

const HOST = { file: '/etc/inetd.conf', where: 'in place of the line of pop3', text: 'qpopper/inetd.conf' }

export const qpopper: MailServer = {
  name: 'qpopper',
  title: 'Qpopper',
  ways: [
    rpcWay(HOST, ['3.1 and later: ./configure --with-drac; popper -D HOST, localhost when left out']),
    logWay('qpopper', ['it must log logins: compiled with LOG_LOGIN, or run with -s']),
  ],
  byHand: 'no Qpopper was at hand to try it with',
}
