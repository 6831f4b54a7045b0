// Courier's own MTA: a file in its smtpaccess folder, made into smtpaccess.dat by makesmtpaccess.
import { type DracFacts, mapFor } from '../facts.ts'
import type { Mta, Plan } from '../plan.ts'
import { FILE_DOWN, fileNotes } from '../warnings.ts'
import { inspectCourier } from './inspect.ts'

function file(facts: DracFacts): Plan {
  const proposal = {
    path: '/etc/courier/smtpaccess/drac',
    format: 'text',
    value: 'allow,RELAYCLIENT',
    command: '/usr/sbin/makesmtpaccess',
  }
  const { at, settings } = mapFor(facts, ({ path }) => path.includes('/smtpaccess/'), proposal)
  return {
    settings,
    parts: [],
    commands: ['makesmtpaccess   # once; dracd runs it after each change'],
    down: FILE_DOWN,
    notes: [
      'NOT TRIED with a running Courier: written from couriertcpd(8) and makesmtpaccess(8)',
      'IPv6 clients stand in the file as couriertcpd(8) wants them only if dracd spells them so: test one',
      ...fileNotes(facts, at),
    ],
  }
}

export const courierMta: Mta = {
  name: 'courier-mta',
  title: 'Courier MTA',
  ways: [{ name: 'file', summary: 'a file in /etc/courier/smtpaccess that dracd keeps; not tried', plan: file }],
  inspect: inspectCourier,
  byHand: "nothing of Courier's needs editing: its makesmtpaccess reads the file that dracd keeps",
}
