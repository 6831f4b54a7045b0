// Each mistake that drac check knows of OpenSMTPD, tcpserver and Courier.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inspectCourier } from '../../src/mta/courier-mta/inspect.ts'
import { inspectOpensmtpd } from '../../src/mta/opensmtpd/inspect.ts'
import { Places } from '../../src/mta/places.ts'
import { parseTcpRules } from '../../src/mta/qmail/cdb-rules.ts'
import { inspectQmail } from '../../src/mta/qmail/inspect.ts'
import { snippet } from '../../src/mta/snippet.ts'
import { packPairs } from '../../src/protocols/berkeley-db/packed-pairs.ts'
import { encodeCdb } from '../../src/protocols/cdb/cdb.ts'
import { bad, facts, map } from './facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-other-check-'))
afterAll(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'etc/mail'), { recursive: true })
const short = (lines: string[]): string[] => lines.map((line) => line.replaceAll(`${folder}/`, ''))

describe('OpenSMTPD', () => {
  const FACTS = facts(
    {},
    {
      maps: [
        map({ path: '/etc/mail/drac.hash.db', format: 'hash' }),
        map({ path: '/etc/mail/drac.btree.db', format: 'btree' }),
        map({ path: '/etc/mail/drac.list', format: 'text' }),
        map({ path: '/etc/mail/drac.told', format: 'text', command: 'smtpctl update table drac' }),
      ],
    },
  )
  const BASE = 'listen on all\naction "relay" relay\nmatch from local for any action "relay"\n'
  const file = snippet('opensmtpd/file.conf')
  const sqlite = snippet('opensmtpd/sqlite.conf')
  function check(
    text: string,
    unit: string | null = 'ExecStopPost=/x',
    query = snippet('opensmtpd/drac-sqlite.conf'),
  ): string[] {
    writeFileSync(join(folder, 'smtpd.conf'), BASE + text)
    writeFileSync(join(folder, 'etc/mail/drac-sqlite.conf'), query)
    const places = new Places({ root: folder, file: join(folder, 'smtpd.conf') })
    return short(bad(inspectOpensmtpd(places, { facts: FACTS, unit: unit ?? undefined }).findings))
  }

  test.each([
    ['file.conf', file],
    ['sqlite.conf', sqlite],
    ['a file: that it is told of', file.replace('db:/etc/mail/drac.hash.db', 'file:/etc/mail/drac.told')],
    ['authenticated clients from anywhere', `${file}match auth from any for any action "relay"\n`],
  ])('nothing to say of %s', (_, text) => {
    expect(check(text)).toEqual([])
  })

  const cases: [string, string, RegExp, (string | null | undefined)?, string?][] = [
    ['drac is not asked', '', /^warning smtpd\.conf: smtpd does not ask drac/],
    [
      'socketmap',
      file.replace('db:/etc/mail/drac.hash.db', 'socketmap:/run/drac/socketmap.sock'),
      /^error smtpd\.conf:5: smtpd sends nothing to a socketmap table/,
    ],
    [
      'a btree',
      file.replace('drac.hash', 'drac.btree'),
      /^error smtpd\.conf:5: dracd writes .* as btree: smtpd takes hash only/,
    ],
    [
      'file: that it is not told of',
      file.replace('db:/etc/mail/drac.hash.db', 'file:/etc/mail/drac.list'),
      /^warning smtpd\.conf:5: smtpd does not see a changed file: table/,
    ],
    [
      'a map that dracd does not keep',
      file.replace('drac.hash', 'drac.x'),
      /^error .*drac\.x\.db is no map that dracd keeps/,
    ],
    ['no ExecStopPost', file, /^warning .*does not expire by itself/, null],
    [
      'everybody relays',
      `${file}match from any for any action "relay"\n`,
      /^error smtpd\.conf:7: "match from any for any": OPEN RELAY/,
    ],
    [
      'a table that no match uses',
      'table drac db:/etc/mail/drac.hash.db\n',
      /^warning smtpd\.conf:4: no match uses <drac>/,
    ],
    [
      'a reject before it',
      `match from any for any reject\n${file}`,
      /^warning smtpd\.conf:7: .*smtpd\.conf:4 rejects before drac is asked/,
    ],
    [
      'a query without expiry',
      sqlite,
      /^error .*drac-sqlite\.conf: query_netaddr does not compare the expiry/,
      undefined,
      'dbpath /var/lib/drac/drac.sqlite\nquery_netaddr SELECT address FROM relay WHERE address = ?\n',
    ],
    [
      'a query that keeps the brackets',
      sqlite,
      /^warning .*in brackets/,
      undefined,
      'dbpath /var/lib/drac/drac.sqlite\nquery_netaddr SELECT address FROM relay WHERE address = ? AND expiry > 1\n',
    ],
    [
      'another database',
      sqlite,
      /^error .*does not read dracd's database/,
      undefined,
      snippet('opensmtpd/drac-sqlite.conf', { '/var/lib/drac': '/x' }),
    ],
  ]
  test.each(cases)('%s', (_, text, expected, unit, query) => {
    expect(
      check(text, unit, query).filter((line) => expected.test(line)),
      check(text, unit, query).join('\n'),
    ).toHaveLength(1)
  })
})

const cdb = (rules: readonly (readonly [string, string])[]): Buffer => encodeCdb(packPairs(rules))
const RELAY = '+RELAYCLIENT=\0'

describe('tcpserver', () => {
  const path = join(folder, 'tcp.smtp.cdb')
  const FACTS = facts({}, { maps: [map({ path, format: 'tcprules' })] })
  const run = join(folder, 'run')
  function check(
    rules: Buffer | undefined,
    { f = FACTS, script = `#!/bin/sh\nexec tcpserver -v -R -x ${path} 0 25 qmail-smtpd\n` } = {},
  ): string[] {
    rmSync(path, { force: true })
    if (rules) writeFileSync(path, rules)
    writeFileSync(run, script)
    return short(bad(inspectQmail(new Places({ file: run }), { facts: f, unit: 'ExecStopPost=/x' }).findings))
  }
  const GOOD = cdb([
    ['192.0.2.5', RELAY],
    ['127.', RELAY],
    ['10.', RELAY],
    ['203.0.113.', 'D'],
    ['', ''],
  ])

  test('nothing to say of rules with a default without RELAYCLIENT', () => {
    expect(check(GOOD)).toEqual([])
    expect(inspectQmail(new Places({ file: run }), { facts: FACTS, unit: '' }).trusted).toContainEqual({
      network: '127.0.0.0',
      width: 8,
    })
  })

  const cases: [string, Buffer | undefined, RegExp, Parameters<typeof check>[1]?][] = [
    [
      'everybody relays',
      cdb([['', RELAY]]),
      /^error tcp\.smtp\.cdb: the rule for everybody sets RELAYCLIENT: OPEN RELAY/,
    ],
    [
      'a class A relays',
      cdb([
        ['203.', RELAY],
        ['', ''],
      ]),
      /^warning tcp\.smtp\.cdb: the rule "203\." sets RELAYCLIENT for 16 million/,
    ],
    ['missing', undefined, /^error run: .*there is no such file: tcpserver drops every connection/],
    ['cut short', GOOD.subarray(0, 2060), /^error run: .*tcpserver drops every connection/],
    ['no rules', Buffer.from('x'), /^error run: .*no cdb/],
    [
      'another format',
      GOOD,
      /^error tcp\.smtp\.cdb: dracd writes it as cdb/,
      { f: facts({}, { maps: [map({ path, format: 'cdb' })] }) },
    ],
    ['not kept by dracd', GOOD, /^error run: .*is no map that dracd keeps/, { f: facts() }],
    ['no -x', GOOD, /^error run: tcpserver has no -x FILE/, { script: '#!/bin/sh\nexec tcpserver 0 25 qmail-smtpd\n' }],
  ]
  test.each(cases)('%s', (_, rules, expected, options) => {
    expect(
      check(rules, options).filter((line) => expected.test(line)),
      check(rules, options).join('\n'),
    ).toHaveLength(1)
  })

  test('rules are read as tcprules wrote them', () => {
    expect(parseTcpRules(GOOD)[0]).toEqual({ address: '192.0.2.5', deny: false, variables: ['RELAYCLIENT='] })
    expect(parseTcpRules(GOOD)[3]).toMatchObject({ deny: true })
  })
})

describe('Courier', () => {
  const access = join(folder, 'smtpaccess')
  mkdirSync(access)
  const path = join(access, 'drac')
  const kept = map({ path, format: 'text', value: 'allow,RELAYCLIENT', command: '/usr/sbin/makesmtpaccess' })
  function check(text: string, maps = [kept]): string[] {
    writeFileSync(join(access, 'default'), text)
    return short(
      bad(
        inspectCourier(new Places({ file: access }), { facts: facts({}, { maps }), unit: 'ExecStopPost=/x' }).findings,
      ),
    )
  }

  test("nothing to say of the distribution's own file", () => {
    expect(
      check('# *\tallow,RELAYCLIENT\n127.0.0.1\tallow,RELAYCLIENT\n10\tallow,RELAYCLIENT\n192.168.5\tdeny\n*\tallow\n'),
    ).toEqual([])
  })

  const cases: [string, string, RegExp, (typeof kept)[]?][] = [
    [
      'everybody relays',
      '127.0.0.1\tallow\n*\tallow,RELAYCLIENT\n',
      /^error smtpaccess\/default:2: \* may relay: OPEN RELAY/,
    ],
    ['a class A relays', '203\tallow,RELAYCLIENT\n', /^warning smtpaccess\/default:1: 203 lets 16 million/],
    ['no file of dracd', '', /^warning smtpaccess: dracd keeps no list for it/, []],
    [
      'nothing runs makesmtpaccess',
      '',
      /^error smtpaccess\/drac: nothing runs makesmtpaccess/,
      [{ ...kept, command: '' }],
    ],
  ]
  test.each(cases)('%s', (_, text, expected, maps) => {
    expect(
      check(text, maps).filter((line) => expected.test(line)),
      check(text, maps).join('\n'),
    ).toHaveLength(1)
  })
})
