// Each mistake that drac check --mta exim knows: a configuration with it, and the nearest one without.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inspectExim } from '../../src/mta/exim/inspect.ts'
import { Places } from '../../src/mta/places.ts'
import { snippet } from '../../src/mta/snippet.ts'
import { bad, facts, map } from './facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-exim-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const FACTS = facts(
  { readsocket: ['unix:/run/drac/readsocket.sock', 'tcp:127.0.0.1:9004'] },
  {
    maps: [
      map({ path: '/etc/mail/dracd.db' }),
      map({ path: '/etc/mail/nul.db', format: 'hash', nul: true }),
      map({ path: '/etc/mail/drac.cdb', format: 'cdb' }),
    ],
  },
)
const LISTS = 'domainlist local_domains = mta.test\nhostlist relay_from_hosts = <; 127.0.0.1 ; ::1\n'
const around = (acl: string, lists = LISTS): string =>
  `${lists}begin acl\nacl_check_rcpt:\n  accept hosts = +relay_from_hosts\n${acl}\n  require message = relay not permitted\n          domains = +local_domains\n  accept\n`

function inspect(text: string, unit: string | null = 'ExecStopPost=/x') {
  writeFileSync(join(folder, 'exim.conf'), text)
  return inspectExim(new Places({ file: join(folder, 'exim.conf') }), { facts: FACTS, unit: unit ?? undefined })
}
const check = (text: string, unit?: string | null): string[] =>
  bad(inspect(text, unit).findings).map((line) => line.replaceAll(`${folder}/`, ''))

const readsocket = snippet('exim/readsocket.acl')
const dnslists = snippet('exim/dnslists.acl')
const sqlite = snippet('exim/sqlite.acl')
const file = snippet('exim/file.acl')
const END = '\\\\n}{3s}{ }{down}}'.replace('\\\\', '\\')

describe('nothing to say of', () => {
  test.each([
    ['readsocket.acl', around(readsocket)],
    ['readsocket.acl over TCP', around(readsocket.replace('{/run/drac/readsocket.sock}', '{inet:127.0.0.1:9004}'))],
    ['dnslists.acl', around(dnslists)],
    ['sqlite.acl', around(sqlite)],
    ['file.acl', around(file)],
    ['a cdb', around(file.replace('dbmnz{/etc/mail/dracd.db}', 'cdb{/etc/mail/drac.cdb}'))],
    ['a hash with NULs', around(file.replace('dbmnz{/etc/mail/dracd.db}', 'dbm{/etc/mail/nul.db}'))],
    [
      'drac after a statement that accepts local mail',
      around(`  accept domains = +local_domains\n${readsocket.replaceAll(/!domains .*/g, 'set acl_c_drac_x = 1')}`),
    ],
    ['lists with colons, escaped', around(dnslists, LISTS.replace('<; 127.0.0.1 ; ::1', '127.0.0.1 : ::::1'))],
  ])('%s', (_, text) => {
    expect(check(text)).toEqual([])
  })
})

describe('a mistake is named with its line', () => {
  const cases: [string, string, RegExp, (string | null)?][] = [
    ['drac is not asked', around(''), /^warning exim\.conf: no ACL asks drac/],
    [
      'local mail is asked about',
      around(readsocket.replaceAll(/!domains .*/g, 'condition = true')),
      /^warning exim\.conf:\d+: drac is asked about mail to your own domains too/,
    ],
    [
      'an empty 4th argument',
      around(readsocket.replace('{ }{down}', '{}{down}')),
      /^error exim\.conf:9: the 4th argument of readsocket is empty/,
    ],
    [
      'no 4th argument',
      around(readsocket.replace(END, '\\n}{3s}}')),
      /^error exim\.conf:9: the 4th argument of readsocket is missing/,
    ],
    [
      'no 5th argument',
      around(readsocket.replace('{ }{down}', '{ }')),
      /^warning exim\.conf:9: readsocket has no 5th argument/,
    ],
    [
      '"yes" when down',
      around(readsocket.replace('{down}', '{yes}')),
      /^error exim\.conf:9: readsocket says "yes" when dracd cannot be asked: OPEN RELAY/,
    ],
    [
      'accepts what is not "no"',
      around(readsocket.replace(/if eq(\{.*)\{yes\}/, 'if !eq$1{no}')),
      /^error exim\.conf:\d+: accepts whatever is not "no": OPEN RELAY/,
    ],
    [
      'another socket',
      around(readsocket.replace('readsocket.sock', 'rs')),
      /^error exim\.conf:9: asks unix:\/run\/drac\/rs, but dracd's readsocket listens/,
    ],
    [
      'dnslists without +defer_unknown',
      around(dnslists.replace('= +defer_unknown :', '=')),
      /^warning exim\.conf:\d+: dnslists without \+defer_unknown/,
    ],
    [
      'dnslists with +include_unknown',
      around(dnslists.replace('= +defer_unknown', '= +include_unknown')),
      /^error exim\.conf:\d+: dnslists with \+include_unknown: OPEN RELAY/,
    ],
    [
      'hosts = net-dbm',
      around('  accept !domains = +local_domains\n   hosts = net-dbm;/etc/mail/drac.db'),
      /^warning exim\.conf:7: hosts = net-.*421/,
    ],
    [
      'a query without expiry',
      around(sqlite.replace(/ AND expiry >= \$tod_epoch/, '')),
      /^error .*does not compare the expiry/,
    ],
    [
      'another database',
      around(sqlite.replace('/var/lib/drac/drac.sqlite', '/x/drac.sqlite')),
      /^error .*does not read dracd's database/,
    ],
    [
      'a map that dracd does not keep',
      around(file.replace('dracd.db', 'drac.db')),
      /^error .*drac\.db is no map that dracd keeps/,
    ],
    ['a map without ExecStopPost', around(file), /^warning .*does not expire by itself/, null],
    ['dbm on keys without NUL', around(file.replace('dbmnz', 'dbm')), /^error .*dbm wants keys with a NUL/],
    [
      'dbmnz on keys with NUL',
      around(file.replace('/etc/mail/dracd.db', '/etc/mail/nul.db')),
      /^error .*dbmnz wants keys without a NUL/,
    ],
    [
      'everybody relays',
      around(dnslists, LISTS.replace('<; 127.0.0.1 ; ::1', '*')),
      /^error exim\.conf:2: relay_from_hosts holds \*: OPEN RELAY/,
    ],
    [
      'the Internet relays',
      around(dnslists, LISTS.replace('::1', '0.0.0.0/0')),
      /^error exim\.conf:2: relay_from_hosts holds 0\.0\.0\.0\/0: OPEN RELAY/,
    ],
    [
      'Debian: the Internet relays',
      around(dnslists, 'MAIN_RELAY_NETS = 127.0.0.1 : 0.0.0.0/0\n'),
      /^error exim\.conf:1: MAIN_RELAY_NETS holds/,
    ],
    [
      '::1 between colons',
      around(dnslists, LISTS.replace('<; 127.0.0.1 ; ::1', '127.0.0.1 : ::1')),
      /^warning exim\.conf:2: "::1" in a list with colons/,
    ],
  ]
  test.each(cases)('%s', (_, text, expected, unit) => {
    expect(
      check(text, unit).find((line) => expected.test(line)),
      check(text, unit).join('\n'),
    ).toBeDefined()
  })
})

test('what relays anyway is told', () => {
  expect(inspect(around(dnslists)).trusted).toEqual([
    { network: '127.0.0.1', width: 32 },
    { network: '::1', width: 128 },
  ])
  expect(inspect(around(dnslists, '')).trusted).toBeUndefined()
})
