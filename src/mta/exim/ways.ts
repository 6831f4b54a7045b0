// Exim: a piece of the RCPT ACL, which only the administrator can put into the right place.
import { parseAddress } from '../../lib/address.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import { forExim } from '../address-text.ts'
import { type DracFacts, endpointFor, type MapFacts, mapFor } from '../facts.ts'
import type { Mta, Part, Plan, Way } from '../plan.ts'
import { snippet } from '../snippet.ts'
import { DATABASE_DOWN, databaseNotes, FILE_DOWN, fileNotes, groupCommands } from '../warnings.ts'
import { editExim } from './edit.ts'
import { inspectExim } from './inspect.ts'
import { eximSyntax } from './syntax.ts'

const RELOAD = ['systemctl reload exim4   # Debian: update-exim4.conf first']
const acl = (text: string): Part => ({
  file: '/etc/exim4/exim4.conf.template',
  where: 'in the RCPT ACL (acl_check_rcpt), before the statement that says "relay not permitted"',
  text,
})

function readsocket(facts: DracFacts): Plan {
  const proposal: Endpoint = { transport: 'unix', path: '/run/drac/readsocket.sock' }
  const { at, settings } = endpointFor(facts, 'readsocket', ['unix', 'tcp'], proposal)
  return {
    settings,
    parts: [acl(snippet('exim/readsocket.acl', { '{/run/drac/readsocket.sock}': `{${forExim(at)}}` }))],
    commands: RELOAD,
    down: '451 at once, 451 after 3 s when dracd hangs; for would-be relays only',
    notes:
      at.transport === 'unix'
        ? [
            `${at.path} is open to every user of this host; with lookup_group set, Exim's user (Debian-exim) must be in that group`,
          ]
        : [],
  }
}

function dnslists(facts: DracFacts): Plan {
  const proposal: Endpoint = { transport: 'udp', address: parseAddress('127.0.0.1'), port: 9953 }
  const { at, settings } = endpointFor(facts, 'dns_list', ['udp'], proposal)
  const where = at.transport === 'unix' ? '' : `${at.address} port ${at.port}`
  return {
    settings,
    parts: [acl(snippet('exim/dnslists.acl', { 'drac.invalid': facts.zone }))],
    commands: RELOAD,
    down: '451, for would-be relays only',
    notes: [
      `Exim asks the resolver of /etc/resolv.conf: that one must ask ${where} for ${facts.zone} and keep no answer; see integrations/exim/README.md`,
    ],
  }
}

function sqlite(facts: DracFacts): Plan {
  return {
    settings: [],
    parts: [acl(snippet('exim/sqlite.acl', { '/var/lib/drac/drac.sqlite': facts.store }))],
    commands: [...groupCommands(facts, 'Debian-exim'), ...RELOAD],
    down: DATABASE_DOWN,
    notes: [
      'exim -bV must list sqlite: Debian has it in exim4-daemon-heavy',
      ...databaseNotes(facts, 'Exim (Debian-exim)'),
    ],
  }
}

/** Which lookup reads which file: dbm wants a NUL after the key, dbmnz and cdb none. */
function lookupOf({ format, nul }: MapFacts): string | undefined {
  if (format === 'btree' || format === 'hash') return nul ? 'dbm' : 'dbmnz'
  return format === 'cdb' && !nul ? 'cdb' : undefined
}

function file(facts: DracFacts): Plan {
  const fits = (map: MapFacts): boolean => map.key === 'address' && lookupOf(map) !== undefined
  const { at, settings } = mapFor(facts, fits, { path: '/etc/mail/dracd.db', format: 'btree' })
  return {
    settings,
    parts: [acl(snippet('exim/file.acl', { 'dbmnz{/etc/mail/dracd.db}': `${lookupOf(at)}{${at.path}}` }))],
    commands: RELOAD,
    down: FILE_DOWN,
    notes: [`Exim (Debian-exim) must be able to read ${at.path}`, ...fileNotes(facts, at)],
  }
}

const way = (name: string, summary: string, plan: Way['plan']): Way => ({
  name,
  summary,
  plan,
  edit: (facts, places) => editExim(plan(facts), places),
})

export const exim: Mta = {
  name: 'exim',
  title: 'Exim',
  ways: [
    way('readsocket', 'asked live', readsocket),
    way('dnslists', 'asked live as a DNS list', dnslists),
    way('sqlite', "dracd's own database, the expiry compared at each look-up", sqlite),
    way('file', 'a map file that dracd keeps: btree, hash or cdb', file),
  ],
  inspect: inspectExim,
  syntax: eximSyntax,
}
