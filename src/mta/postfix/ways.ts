// Postfix: five ways to ask.
import { parseAddress } from '../../lib/address.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import { forPostfix } from '../address-text.ts'
import { type DracFacts, endpointFor, hostOf, type MapFacts, mapFor } from '../facts.ts'
import type { Mta, Part, Plan, Way } from '../plan.ts'
import { snippet } from '../snippet.ts'
import { DATABASE_DOWN, databaseNotes, FILE_DOWN, fileNotes, groupCommands } from '../warnings.ts'
import { editPostfix } from './edit.ts'
import { inspectPostfix } from './inspect.ts'
import { postfixSyntax } from './syntax.ts'

const tcp = (port: number): Endpoint => ({ transport: 'tcp', address: parseAddress('127.0.0.1'), port })
const RELOAD = ['postfix reload']
const mainCf = (text: string): Part => ({
  file: '/etc/postfix/main.cf',
  where: 'in place of the smtpd_relay_restrictions that is there',
  text,
})

/** A unix socket is for smtpd only when its user may write to it, and when it is inside its root directory. */
const socketNotes = (at: Endpoint): string[] =>
  at.transport === 'unix'
    ? [
        `${at.path} is open to every user of this host; with lookup_group set, the user postfix must be in that group`,
        ...(at.path.startsWith('/var/spool/postfix/')
          ? []
          : ["a chrooted smtpd (Debian's default) does not reach it: use TCP, or a path below /var/spool/postfix"]),
      ]
    : []

function socketmap(facts: DracFacts): Plan {
  const { at, settings } = endpointFor(facts, 'socketmap', ['tcp', 'unix'], tcp(9899))
  return {
    settings,
    parts: [mainCf(snippet('postfix/socketmap.cf', { 'inet:127.0.0.1:9899': forPostfix(at) }))],
    commands: RELOAD,
    down: '451 4.3.5 at once, for would-be relays only',
    notes: [
      'while dracd hangs Postfix waits for 100 s, which cannot be set: --via policy bounds it',
      ...socketNotes(at),
    ],
  }
}

function policy(facts: DracFacts): Plan {
  const { at, settings } = endpointFor(facts, 'policy', ['tcp', 'unix'], tcp(9898))
  return {
    settings,
    parts: [mainCf(snippet('postfix/policy.cf', { 'inet:127.0.0.1:9898': forPostfix(at) }))],
    commands: RELOAD,
    down: '451 4.3.0 with the text of default_action after 1 s, 7 s when dracd hangs; for would-be relays only',
    notes: socketNotes(at),
  }
}

function tcpTable(facts: DracFacts): Plan {
  const { at, settings } = endpointFor(facts, 'tcp_table', ['tcp'], tcp(9897))
  if (at.transport === 'unix') throw new Error('tcp_table is asked over TCP')
  return {
    settings,
    parts: [mainCf(snippet('postfix/tcp.cf', { '127.0.0.1:9897': `${hostOf(at)}:${at.port}` }))],
    commands: RELOAD,
    down: '451 after 9 s, for would-be relays only',
    notes: ['socketmap says the same, and says it at once while dracd is down'],
  }
}

function sqlite(facts: DracFacts): Plan {
  const table = snippet('postfix/drac-sqlite.cf', { '/var/lib/drac/drac.sqlite': facts.store })
  return {
    settings: [],
    parts: [
      { file: '/etc/postfix/drac-sqlite.cf', where: 'the whole file', text: table },
      mainCf(snippet('postfix/sqlite.cf')),
    ],
    commands: [...groupCommands(facts, 'postfix'), ...RELOAD],
    down: DATABASE_DOWN,
    notes: [
      'proxy_read_maps must hold $smtpd_relay_restrictions, as it does by default; package postfix-sqlite on Debian',
      ...databaseNotes(facts, 'proxymap, which runs as postfix,'),
    ],
  }
}

/** Formats that smtpd reads afresh for each session; without the suffix that it adds by itself. */
const SUFFIX: Readonly<Record<string, string>> = { btree: '.db', hash: '.db', cdb: '.cdb' }
const isPostfixMap = ({ path, format, key }: MapFacts): boolean =>
  key === 'address' && format in SUFFIX && path.endsWith(SUFFIX[format]!)

/** Seen with 3.7.11: sessions hang on an empty file and are closed on garbage. */
const CDB =
  'a damaged or empty cdb keeps smtpd from running, and stops mail to your own users too: btree and hash only defer would-be relays'

function file(facts: DracFacts): Plan {
  const { at, settings } = mapFor(facts, isPostfixMap, { path: '/etc/mail/dracd.db', format: 'btree' })
  const lookup = `${at.format}:${at.path.slice(0, -SUFFIX[at.format]!.length)}`
  return {
    settings,
    parts: [mainCf(snippet('postfix/btree.cf', { 'btree:/etc/mail/dracd': lookup }))],
    commands: RELOAD,
    down: FILE_DOWN,
    notes: [...(at.format === 'cdb' ? [CDB] : []), ...fileNotes(facts, at)],
  }
}

const way = (name: string, summary: string, plan: Way['plan']): Way => ({
  name,
  summary,
  plan,
  edit: (facts, places) => editPostfix(plan(facts), places),
})

export const postfix: Mta = {
  name: 'postfix',
  title: 'Postfix',
  ways: [
    way('socketmap', 'asked live; the simplest', socketmap),
    way('policy', 'asked live by policy delegation: a bounded wait, your own text, the user in the log', policy),
    way('tcp', 'asked live over tcp_table(5)', tcpTable),
    way('sqlite', "dracd's own database, the expiry compared at each look-up", sqlite),
    way('file', 'a map file that dracd keeps: btree, hash or cdb', file),
  ],
  inspect: inspectPostfix,
  syntax: postfixSyntax,
}
