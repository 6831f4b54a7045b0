// What drac setup prints for each way, and how it edits files.
import { describe, expect, test } from 'vitest'
import type { DracFacts } from '../../src/mta/facts.ts'
import { editSmtpdConf } from '../../src/mta/opensmtpd/edit.ts'
import type { Plan } from '../../src/mta/plan.ts'
import { editMainCf } from '../../src/mta/postfix/edit.ts'
import { findMta, findServer, findWay, LOGIN_SERVERS, MTAS } from '../../src/mta/registry.ts'
import { editCf, editMc } from '../../src/mta/sendmail/edit.ts'
import { snippet } from '../../src/mta/snippet.ts'
import { DEFAULT_LISTEN, facts, map } from './facts.ts'

const plan = (name: string, via: string | undefined, f: DracFacts): Plan => findWay(findServer(name), via).plan(f)
const text = (p: Plan): string => p.parts.map((part) => part.text).join('\n')
const manual = expect.objectContaining({ kind: 'config', code: 'DRAC_MANUAL' })

describe('the endpoints of the settings', () => {
  test('with default settings the snippets are printed as they stand', () => {
    const f = facts(DEFAULT_LISTEN)
    expect(plan('sendmail', undefined, f)).toMatchObject({
      settings: [],
      parts: [{ text: snippet('sendmail/socketmap.mc') }, {}],
    })
    expect(plan('postfix', undefined, f)).toMatchObject({
      settings: [],
      parts: [{ text: snippet('postfix/socketmap.cf') }],
    })
  })

  test.each([
    ['sendmail', 'socketmap', { socketmap: ['tcp:[::1]:77'] }, 'inet6:77@::1'],
    ['sendmail', 'feature', { socketmap: ['unix:/x/s'] }, 'unix:/x/s'],
    ['postfix', 'socketmap', { socketmap: ['tcp:[::1]:77'] }, 'socketmap:inet:[::1]:77:drac'],
    ['postfix', 'socketmap', { socketmap: ['tcp:0.0.0.0:77'] }, 'socketmap:inet:127.0.0.1:77:drac'],
    ['postfix', 'socketmap', { socketmap: ['unix:/var/spool/postfix/drac/s'] }, 'socketmap:unix:drac/s:drac'],
    ['postfix', 'socketmap', { socketmap: ['unix:/run/s'] }, 'socketmap:unix:/run/s:drac'],
    ['postfix', 'policy', { policy: ['tcp:127.0.0.1:78'] }, '{ inet:127.0.0.1:78, timeout=3s'],
    ['postfix', 'tcp', { tcp_table: ['tcp:127.0.0.1:79'] }, 'tcp:127.0.0.1:79,'],
    ['exim', 'readsocket', { readsocket: ['unix:/x/r'] }, '{/x/r}'],
    ['exim', 'readsocket', { readsocket: ['tcp:127.0.0.1:80'] }, '{inet:127.0.0.1:80}'],
  ] as const)('%s --via %s asks %j', (name, via, listen, expected) => {
    const p = plan(name, via, facts(listen as never))
    expect(text(p)).toContain(expected)
    expect(p.settings).toEqual([])
  })

  test.each([
    ['postfix', 'policy', '[policy]', 'listen = ["tcp:127.0.0.1:9898"]'],
    ['postfix', 'tcp', '[tcp_table]', 'listen = ["tcp:127.0.0.1:9897"]'],
    ['exim', 'readsocket', '[readsocket]', 'listen = ["unix:/run/drac/readsocket.sock"]'],
    ['exim', 'dnslists', '[dns_list]', 'listen = ["udp:127.0.0.1:9953"]'],
    ['sendmail', 'file', '[[map]]', 'path = "/etc/mail/dracd.db"'],
    ['opensmtpd', 'file', '[[map]]', 'path = "/etc/mail/drac.hash.db"'],
    ['qmail', 'file', '[[map]]', 'path = "/etc/tcp.smtp.cdb"'],
    ['courier-mta', 'file', '[[map]]', 'path = "/var/lib/drac/courier.list"'],
  ])('%s --via %s says what dracd.toml lacks', (name, via, table, line) => {
    expect(plan(name, via, facts()).settings).toEqual(expect.arrayContaining([table, line]))
  })

  test('WHOSON: the switch and the endpoint, as far as they are missing', () => {
    expect(plan('whoson', undefined, facts())).toMatchObject({
      settings: ['[whoson]', 'listen = ["udp:127.0.0.1:9876"]', 'logins = true'],
      parts: [{ text: snippet('whoson/whoson.conf') }],
    })
    const taken = facts({ whoson: ['tcp:192.0.2.1:77'] }, { whosonLogins: true })
    expect(plan('whoson', undefined, taken)).toMatchObject({
      settings: [],
      parts: [{ text: 'client\ttcp\n\taddress=192.0.2.1\n\tport=77\n' }],
    })
    expect(plan('whoson', undefined, facts({ whoson: ['unix:/run/w'] }))).toMatchObject({
      settings: ['[whoson]', 'logins = true'],
      parts: [{ text: 'client\tunix\n\tport=/run/w\n' }],
    })
  })

  test('a port that the system chooses is no port to configure; other endpoints stay', () => {
    const p = plan('postfix', 'socketmap', facts({ socketmap: ['tcp:127.0.0.1:0'] }))
    expect(p.settings).toEqual(['[socketmap]', 'listen = ["tcp:127.0.0.1:9899"]'])
    const tcp = plan('postfix', 'tcp', facts({ tcp_table: ['unix:/x/t'] }))
    expect(tcp.settings).toEqual(['[tcp_table]', 'listen = ["unix:/x/t", "tcp:127.0.0.1:9897"]'])
  })

  test.each([
    ['postfix', map({ path: '/a/b.cdb', format: 'cdb' }), 'cdb:/a/b,'],
    ['postfix', map({ path: '/a/b.db', format: 'hash' }), 'hash:/a/b,'],
    ['sendmail', map({ path: '/a/b.db' }), 'btree -T<TMPF> /a/b\n'],
    ['exim', map({ path: '/a/b.cdb', format: 'cdb' }), 'cdb{/a/b.cdb}'],
    ['exim', map({ path: '/a/b.db', format: 'hash', nul: true }), '}dbm{/a/b.db}'],
    ['opensmtpd', map({ path: '/a/b.db', format: 'hash' }), 'db:/a/b.db'],
    ['qmail', map({ path: '/a/b.cdb', format: 'tcprules' }), '-x /a/b.cdb'],
  ])('%s reads the map that is kept: %j', (name, kept, expected) => {
    const p = plan(name, 'file', facts({}, { maps: [kept] }))
    expect(text(p)).toContain(expected)
    expect(p.settings).toEqual([])
  })

  test.each([
    ['postfix', map({ path: '/a/b.db', format: 'btree', key: 'cidr' })],
    ['opensmtpd', map({ path: '/a/b.db', format: 'btree' })],
    ['exim', map({ path: '/a/b.cdb', format: 'cdb', nul: true })],
  ])('%s does not read a map of the wrong kind: %j', (name, kept) => {
    expect(plan(name, 'file', facts({}, { maps: [kept] })).settings).toContain('[[map]]')
  })

  test('a cdb is told to be fragile in Postfix, a hash is not', () => {
    const notes = (path: string, format: string) =>
      plan('postfix', 'file', facts({}, { maps: [map({ path, format })] })).notes.join()
    expect(notes('/a/b.cdb', 'cdb')).toContain('stops mail to your own users')
    expect(notes('/a/b.db', 'hash')).not.toContain('stops mail')
  })

  test('ways by single addresses warn of networks', () => {
    const f = facts(DEFAULT_LISTEN, { ipv6Prefix: 64 })
    for (const via of ['file', 'sqlite']) expect(plan('postfix', via, f).notes.join()).toContain('ipv6_prefix = 64')
    expect(plan('postfix', 'socketmap', f).notes.join()).not.toContain('ipv6_prefix')
  })
})

test("Cyrus: dracd's sockets, and the group that may use them, as far as they are missing", () => {
  expect(plan('cyrus', undefined, facts())).toMatchObject({
    settings: [
      expect.stringMatching(/^report_group = "drac-report"/),
      '[report]',
      expect.stringContaining('report.sock'),
    ],
    parts: [{ file: '/etc/imapd.conf', text: snippet('cyrus/external.conf') }],
    commands: expect.arrayContaining([
      'groupadd --force --system drac-report',
      'usermod --append --groups drac-report cyrus',
    ]),
  })
  const known = facts({ cyrus: ['unix:/x/c'] }, { reportGroup: 'mail' })
  const dlist = plan('cyrus', 'dlist', known)
  expect(dlist).toMatchObject({
    settings: [],
    commands: expect.arrayContaining(['usermod --append --groups mail cyrus']),
  })
  expect(text(dlist)).toContain('notifysocket: dlist:/x/c\n')
  expect(dlist.commands.filter((command) => command.startsWith('groupadd'))).toEqual([])
  expect(plan('cyrus', 'poll', facts()).settings).toEqual(expect.arrayContaining(['[[poll]]', 'server = "cyrus"']))
  expect(plan('cyrus', 'poll', facts({}, { polls: [{ server: 'cyrus', url: '' }] })).settings).toEqual([])
  expect(plan('cyrus', 'log', facts()).settings).toEqual(expect.arrayContaining(['[[log]]', 'servers = ["cyrus"]']))
  expect(plan('cyrus', 'log', facts({}, { logs: [{ path: '/x', journal: [], servers: [] }] })).settings).toEqual([])
})

test('every way of every server prints something', () => {
  for (const mta of [...MTAS, ...LOGIN_SERVERS]) {
    for (const way of mta.ways) {
      const p = way.plan(facts(DEFAULT_LISTEN))
      expect(p.down, `${mta.name} ${way.name}`).not.toBe('')
      expect(p.commands.length + p.parts.length).toBeGreaterThan(0)
    }
  }
  expect(() => findMta('exchange')).toThrow(/sendmail, postfix/)
  expect(() => findWay(findMta('postfix'), 'ldap')).toThrow(/socketmap, policy/)
})

describe('main.cf', () => {
  const ways = Object.fromEntries(
    ['socketmap', 'policy', 'tcp', 'btree', 'sqlite'].map((name) => [name, snippet(`postfix/${name}.cf`)]),
  )
  const edit = (main: string, way = 'socketmap'): string => editMainCf(main, ways[way]!)
  const definition = (main: string): string =>
    /^smtpd_relay_restrictions.*(\n\s.*)*/m.exec(main)![0].replaceAll(/\s+/g, ' ')

  test.each([
    [
      'nothing is set',
      'x = y\n',
      'permit_mynetworks, permit_sasl_authenticated, permit_auth_destination, check_client_access socketmap:inet:127.0.0.1:9899:drac, defer_unauth_destination',
    ],
    [
      'the default is set',
      'smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination\n',
      'permit_mynetworks, permit_sasl_authenticated, permit_auth_destination, check_client_access socketmap:inet:127.0.0.1:9899:drac, defer_unauth_destination',
    ],
    [
      "an administrator's own",
      'smtpd_relay_restrictions =\n  check_client_access hash:/etc/postfix/access,\n  # mine\n  permit_tls_clientcerts, permit_auth_destination\n  reject\n',
      'check_client_access hash:/etc/postfix/access, permit_tls_clientcerts, permit_auth_destination, check_client_access socketmap:inet:127.0.0.1:9899:drac, reject',
    ],
  ])('%s: everything stays in its order', (_, main, list) => {
    expect(definition(edit(main))).toBe(`smtpd_relay_restrictions = ${list}`)
  })

  test.each(Object.keys(ways))(
    '%s: a second time changes nothing, another way replaces it, and what is around stays',
    (way) => {
      const main =
        '# top\na = b\nsmtpd_relay_restrictions = permit_mynetworks,\n # mine\n reject_unauth_destination\n# after\nc = d\n  e'
      const once = edit(main, way)
      expect(edit(once, way)).toBe(once)
      expect(once).toMatch(/^# top\na = b\n # mine\n# BEGIN drac\n[\s\S]*# END drac\n# after\nc = d\n {2}e$/)
      for (const other of Object.keys(ways)) expect(edit(edit(once, other), way)).toBe(once)
    },
  )

  test.each([
    ['no refusal', 'permit_mynetworks, permit_auth_destination'],
    ['a variable', '$mine, reject_unauth_destination'],
    ['a restriction class', 'mine, reject_unauth_destination'],
    ['a bare permit', 'permit_mynetworks, permit'],
    ['warn_if_reject', 'warn_if_reject reject_unauth_destination'],
    ['mail to own domains refused too', 'permit_mynetworks, reject'],
    ['permit_auth_destination after the refusal', 'reject_unauth_destination, permit_auth_destination'],
  ])('is left to its author: %s', (_, list) => {
    expect(() => edit(`smtpd_relay_restrictions = ${list}\n`)).toThrow(manual)
  })

  test('is left to its author when the list is set twice', () => {
    const line = 'smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n'
    expect(() => edit(line + line)).toThrow(/lines 1 and 2/)
  })
})

describe('sendmail.mc and sendmail.cf', () => {
  const MC = "divert(-1)\nFEATURE(`access_db')dnl\nMAILER(`local')dnl\nMAILER(`smtp')dnl\n"
  const socketmap = snippet('sendmail/socketmap.mc')
  const feature = snippet('sendmail/feature.mc')

  test('rules go to the end, a FEATURE before the mailers; a second time changes nothing; one replaces the other', () => {
    const rules = editMc(MC, socketmap)
    expect(rules).toBe(`${MC}\ndnl BEGIN drac\n${socketmap}dnl END drac\n`)
    expect(editMc(rules, socketmap)).toBe(rules)
    const asFeature = editMc(rules, feature)
    expect(asFeature).toMatch(
      /access_db'\)dnl\ndnl BEGIN drac\n[\s\S]*FEATURE\(`drac'[\s\S]*dnl END drac\nMAILER\(`local'/,
    )
    expect(asFeature).not.toContain('LOCAL_RULESETS')
    expect(editMc(asFeature, feature)).toBe(asFeature)
    expect(editMc(asFeature, socketmap)).toContain(`MAILER(\`smtp')dnl\n\ndnl BEGIN drac\n${socketmap}`)
  })

  test.each([
    ['rules of its own', `${MC}LOCAL_RULESETS\nSLocal_check_rcpt\nR$*\t$@ x\n`],
    ['FEATURE(drac)', `FEATURE(\`drac')dnl\n${MC}`],
  ])('is left to its author: %s', (_, mc) => {
    expect(() => editMc(mc, socketmap)).toThrow(manual)
  })
  test('is left to its author: no mailer for a FEATURE to stand before', () => {
    expect(() => editMc('divert(-1)\n', feature)).toThrow(manual)
  })

  test('a .cf gets the rules at its end; the empty Local_check_rcpt of the stock rules is no hindrance', () => {
    const cf = 'V10\nSLocal_check_rcpt\nScheck_rcpt\nR$*\t$: x\n'
    const once = editCf(cf, 'Kdrac x\n')
    expect(once).toBe(`${cf}\n# BEGIN drac\nKdrac x\n# END drac\n`)
    expect(editCf(once, 'Kdrac x\n')).toBe(once)
    expect(() => editCf('SLocal_check_rcpt\n# mine\nR$*\t$@ x\n', 'Kdrac x\n')).toThrow(manual)
    expect(() => editCf('Kdrac btree /x\n', 'Kdrac x\n')).toThrow(manual)
  })
})

describe('smtpd.conf', () => {
  const file = snippet('opensmtpd/file.conf')
  const CONF = 'action "local" mbox\naction "out" relay\nmatch from local for any action "out"\n'

  test('the match is at the end, with the action that relays; a second time changes nothing', () => {
    const once = editSmtpdConf(CONF, file)
    expect(once).toContain('match from src <drac> for any action "out"\n# END drac')
    expect(editSmtpdConf(once, file)).toBe(once)
    expect(editSmtpdConf(once, snippet('opensmtpd/sqlite.conf'))).not.toContain('db:')
  })

  test.each([
    ['no action that relays', 'action "local" mbox\n'],
    ['two that relay', `${CONF}action "smart" relay host smtp://x\n`],
    ['a reject for all', `${CONF}match from any for any reject\n`],
    ['a table drac', `table drac file:/x\n${CONF}`],
    ['the old grammar', 'accept from local for any relay\n'],
  ])('is left to its author: %s', (_, conf) => {
    expect(() => editSmtpdConf(conf, file)).toThrow(manual)
  })
})
