// OpenSMTPD: its hash maps and its sqlite tables; it has no live look-up that works.
import { type DracFacts, type MapFacts, mapFor } from '../facts.ts'
import type { Mta, Plan, Way } from '../plan.ts'
import { snippet } from '../snippet.ts'
import { DATABASE_DOWN, databaseNotes, FILE_DOWN, fileNotes, groupCommands } from '../warnings.ts'
import { editOpensmtpd } from './edit.ts'
import { inspectOpensmtpd } from './inspect.ts'
import { opensmtpdSyntax } from './syntax.ts'

const RELOAD = ['systemctl restart opensmtpd']
const FILE = '/etc/smtpd.conf'
const WHERE = 'at the end; "relay" is the name of the action that sends mail out, as in the distributed smtpd.conf'

/** A btree makes smtpd refuse to start. */
const isHash = ({ format, key }: MapFacts): boolean => format === 'hash' && key === 'address'

function file(facts: DracFacts): Plan {
  const { at, settings } = mapFor(facts, isHash, { path: '/etc/mail/drac.hash.db', format: 'hash' })
  return {
    settings,
    parts: [{ file: FILE, where: WHERE, text: snippet('opensmtpd/file.conf', { '/etc/mail/drac.hash.db': at.path }) }],
    commands: RELOAD,
    down: FILE_DOWN,
    notes: [`smtpd's user _smtpd or opensmtpd must be able to read ${at.path}`, ...fileNotes(facts, at)],
  }
}

function sqlite(facts: DracFacts): Plan {
  return {
    settings: [],
    parts: [
      {
        file: '/etc/mail/drac-sqlite.conf',
        where: 'the whole file',
        text: snippet('opensmtpd/drac-sqlite.conf', { '/var/lib/drac/drac.sqlite': facts.store }),
      },
      { file: FILE, where: WHERE, text: snippet('opensmtpd/sqlite.conf') },
    ],
    commands: [...groupCommands(facts, 'opensmtpd'), ...RELOAD],
    down: DATABASE_DOWN,
    notes: ['package opensmtpd-extras on Debian', ...databaseNotes(facts, "table-sqlite, which runs as smtpd's user,")],
  }
}

const way = (name: string, summary: string, plan: Way['plan']): Way => ({
  name,
  summary,
  plan,
  edit: (facts, places) => editOpensmtpd(plan(facts), places),
})

export const opensmtpd: Mta = {
  name: 'opensmtpd',
  title: 'OpenSMTPD',
  ways: [
    way('file', 'the hash map that dracd keeps; seen at once', file),
    way('sqlite', "dracd's own database, the expiry compared at each look-up", sqlite),
  ],
  inspect: inspectOpensmtpd,
  syntax: opensmtpdSyntax,
}
