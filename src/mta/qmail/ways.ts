// qmail and whatever else runs under tcpserver: its rules file, written by dracd.
import { type DracFacts, mapFor } from '../facts.ts'
import type { Mta, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'
import { FILE_DOWN, fileNotes } from '../warnings.ts'
import { inspectQmail } from './inspect.ts'

function file(facts: DracFacts): Plan {
  const fits = ({ format }: { format: string }): boolean => format === 'tcprules'
  const { at, settings } = mapFor(facts, fits, { path: '/etc/tcp.smtp.cdb', format: 'tcprules' })
  return {
    settings,
    parts: [
      {
        file: '/service/qmail-smtpd/run',
        where: `the -x of your own run script: what counts is -x ${at.path}`,
        text: snippet('qmail/run', { '/etc/tcp.smtp.cdb': at.path }),
      },
    ],
    commands: [`tcprulescheck ${at.path} 192.0.2.5   # tells what tcpserver would do`],
    down: FILE_DOWN,
    notes: [
      'dracd writes the whole file: rules of your own in /etc/tcp.smtp (127.:allow,RELAYCLIENT="") are no longer in it',
      'never delete the file: tcpserver drops every connection while it is missing',
      ...fileNotes(facts, at),
    ],
  }
}

export const qmail: Mta = {
  name: 'qmail',
  title: 'qmail (tcpserver)',
  ways: [{ name: 'file', summary: 'the tcpserver rules (cdb) that dracd keeps', plan: file }],
  inspect: inspectQmail,
  byHand: 'the run script of qmail-smtpd is a program of your own: put -x FILE into it by hand',
}
