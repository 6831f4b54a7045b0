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
    commands: [`TCPREMOTEIP=192.0.2.5 tcprulescheck ${at.path}   # tells what tcpserver would do`],
    down: FILE_DOWN,
    notes: [
      'dracd writes the whole file: rules of your own in /etc/tcp.smtp (127.:allow,RELAYCLIENT="") are no longer in it',
      'never delete the file: tcpserver drops every connection while it is missing',
      ...fileNotes(facts, at),
    ],
  }
}

const SCRIPT = '/usr/local/sbin/drac-tcprules'

/** For who has rules of his own: tcprules joins them with dracd's list. */
function joined(facts: DracFacts): Plan {
  const proposal = {
    path: '/var/lib/drac/tcp.list',
    format: 'text',
    value: 'allow,RELAYCLIENT=""',
    command: SCRIPT,
  }
  const { at, settings } = mapFor(facts, ({ command }) => command.includes('drac-tcprules'), proposal)
  return {
    settings,
    parts: [{ file: SCRIPT, where: 'the whole file', text: snippet('qmail/drac-tcprules') }],
    commands: [
      `chmod 755 ${SCRIPT}`,
      'TCPREMOTEIP=192.0.2.5 tcprulescheck /etc/tcp.smtp.cdb   # tells what tcpserver would do',
    ],
    down: FILE_DOWN,
    notes: [
      'your rules stay in /etc/tcp.smtp, and come first; tcpserver reads /etc/tcp.smtp.cdb (-x) as before',
      'IPv4 only; dracd must be allowed to write /etc/tcp.smtp.cdb',
      ...fileNotes(facts, at),
    ],
  }
}

export const qmail: Mta = {
  name: 'qmail',
  title: 'qmail (tcpserver)',
  ways: [
    { name: 'file', summary: 'the tcpserver rules (cdb) that dracd keeps', plan: file },
    { name: 'joined', summary: 'your own rules in /etc/tcp.smtp, joined with a list that dracd keeps', plan: joined },
  ],
  inspect: inspectQmail,
  byHand: 'the run script of qmail-smtpd is a program of your own: put -x FILE into it by hand',
}
