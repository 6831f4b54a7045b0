// Teapop: DRAC is in it from 0.28 on.
import { logWay } from '../log-way.ts'
import type { MailServer } from '../plan.ts'
import { rpcWay } from '../rpc-way.ts'

const HOST = { file: '/etc/inetd.conf', where: 'in place of the line of pop3', text: 'teapop/inetd.conf' }

export const teapop: MailServer = {
  name: 'teapop',
  title: 'Teapop',
  ways: [
    rpcWay(HOST, ['0.28 and later: ./configure --with-drac=DIR, where DIR holds libdrac.a and drac.h (libdrac/build)']),
    logWay('teapop'),
  ],
  byHand: 'how Teapop is started differs from host to host',
}
