// Courier's own MTA: dracd's list, spelled as couriertcpd wants it and made into smtpaccess.dat after each change.
import { type DracFacts, mapFor } from '../facts.ts'
import type { Mta, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'
import { FILE_DOWN, fileNotes } from '../warnings.ts'
import { inspectCourier } from './inspect.ts'

const SCRIPT = '/usr/local/sbin/drac-courier'

function file(facts: DracFacts): Plan {
  const proposal = {
    path: '/var/lib/drac/courier.list',
    format: 'text',
    key: 'exim',
    value: 'allow,RELAYCLIENT',
    command: SCRIPT,
  }
  const { at, settings } = mapFor(facts, ({ command }) => command.includes('drac-courier'), proposal)
  return {
    settings,
    parts: [{ file: SCRIPT, where: 'the whole file', text: snippet('courier-mta/drac-courier') }],
    commands: [`chmod 755 ${SCRIPT}`],
    down: FILE_DOWN,
    notes: [
      'tried by hand with couriertcpd and makedat of Courier 1.0.16, not with a whole running Courier',
      'dracd must be allowed to write to /etc/courier/smtpaccess and to run makesmtpaccess, which restarts couriertcpd',
      ...fileNotes(facts, at),
    ],
  }
}

export const courierMta: Mta = {
  name: 'courier-mta',
  title: 'Courier MTA',
  ways: [{ name: 'file', summary: 'a list that dracd keeps, made into smtpaccess.dat after each change', plan: file }],
  inspect: inspectCourier,
  byHand: `nothing of Courier's needs editing: put ${SCRIPT} in place and let dracd run it`,
}
