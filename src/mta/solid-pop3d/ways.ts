// Solid POP3: no PAM_RHOST and no report of its own, but a line in the log.
import { logWay } from '../log-way.ts'
import type { MailServer } from '../plan.ts'

export const solidPop3d: MailServer = {
  name: 'solid-pop3d',
  title: 'Solid POP3',
  ways: [logWay('solid-pop3d')],
  byHand: 'nothing of Solid POP3 is edited: it is followed in the log',
}
