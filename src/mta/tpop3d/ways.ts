// tpop3d: DRAC is a switch of its configure.
import { logWay } from '../log-way.ts'
import type { MailServer } from '../plan.ts'
import { rpcWay } from '../rpc-way.ts'

const HOST = { file: '/etc/tpop3d.conf', where: 'beside the other lines', text: 'tpop3d/tpop3d.conf' }

export const tpop3d: MailServer = {
  name: 'tpop3d',
  title: 'tpop3d',
  ways: [
    rpcWay(HOST, ['built with USE_DRAC, a switch of its configure', 'it speaks WHOSON too: drac setup whoson']),
    logWay('tpop3d'),
  ],
  byHand: 'no tpop3d was at hand to try it with',
}
