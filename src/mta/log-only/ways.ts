// POP and IMAP servers that dracd knows by their log alone.
import { logWay } from '../log-way.ts'
import type { MailServer } from '../plan.ts'

const LOGGED = [
  ['cucipop', 'Cucipop', ['without -q; the line comes at the end of the session']],
  ['vm-pop3d', 'vm-pop3d', []],
  ['gnu-pop3d', 'GNU pop3d 0.9', ['not GNU mailutils, its heir: that logs no address']],
  [
    'perdition',
    'Perdition',
    ['a proxy: its own address belongs into exempt_networks, for the servers behind it report it'],
  ],
  ['vpopmail', 'vpopmail', []],
] as const

export const LOG_ONLY: readonly MailServer[] = LOGGED.map(([name, title, notes]) => ({
  name,
  title,
  ways: [logWay(name, notes)],
  byHand: `nothing of ${title} is edited: it is followed in the log`,
}))
