// Each mistake that drac check --mta postfix knows: a configuration with it, and the nearest one without.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Places } from '../../src/mta/places.ts'
import { inspectPostfix } from '../../src/mta/postfix/inspect.ts'
import { bad, facts, known, map } from './facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-postfix-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const MASTER = 'smtp      inet  n       -       n       -       -       smtpd\n'
const CHROOT = 'smtp      inet  n       -       y       -       -       smtpd\n'
const BASE = 'mynetworks = 127.0.0.0/8 [::1]/128\n'
const FACTS = facts(
  {
    socketmap: ['unix:/run/drac/socketmap.sock', 'tcp:127.0.0.1:9899', 'unix:/var/spool/postfix/drac/socketmap.sock'],
    policy: ['tcp:127.0.0.1:9898'],
    tcp_table: ['tcp:127.0.0.1:9897'],
  },
  { maps: [map({ path: '/etc/mail/dracd.db' }), map({ path: '/etc/mail/drac.txt', format: 'text' })] },
)

function check(
  main: string,
  { master = MASTER, unit = 'ExecStopPost=/x' as string | null, base = BASE } = {},
): string[] {
  writeFileSync(join(folder, 'main.cf'), base + main)
  writeFileSync(join(folder, 'master.cf'), master)
  writeFileSync(
    join(folder, 'good.cf'),
    `dbpath = ${FACTS.store}\nquery = SELECT 'OK' FROM relay WHERE address = '%s' AND expiry >= 1\n`,
  )
  writeFileSync(
    join(folder, 'forever.cf'),
    `dbpath = /other.sqlite\nquery = SELECT 'OK' FROM relay WHERE address = '%s'\n`,
  )
  const places = new Places({ file: join(folder, 'main.cf') })
  return bad(inspectPostfix(places, { facts: FACTS, unit: unit ?? undefined }).findings).map((line) =>
    line.replaceAll(`${folder}/`, ''),
  )
}
const relay = (...list: string[]): string => `smtpd_relay_restrictions = ${list.join(', ')}\n`
const GOOD = ['permit_mynetworks', 'permit_sasl_authenticated', 'permit_auth_destination']
const SOCKETMAP = 'check_client_access socketmap:inet:127.0.0.1:9899:drac'
const policy = (attributes: string): string => `check_policy_service { inet:127.0.0.1:9898${attributes} }`
const ACTION = ', { default_action=451 4.3.0 try again }'
const with_ = (check: string): string => relay(...GOOD, check, 'reject_unauth_destination')

describe('nothing to say of', () => {
  test.each([
    ['socketmap over TCP', with_(SOCKETMAP), MASTER],
    ['chrooted, over TCP', with_(SOCKETMAP), CHROOT],
    ['over continued lines, after comments', with_(SOCKETMAP).replaceAll(', ', ',\n# c\n    '), MASTER],
    ['a unix socket, not chrooted', with_('check_client_access socketmap:unix:/run/drac/socketmap.sock:drac'), MASTER],
    [
      'chrooted, a socket in the queue directory',
      with_('check_client_access socketmap:unix:drac/socketmap.sock:drac'),
      CHROOT,
    ],
    ['a bounded policy service', with_(policy(`, timeout=3s, try_limit=1${ACTION}`)), MASTER],
    ['tcp_table', with_('check_client_access tcp:127.0.0.1:9897'), MASTER],
    ['a btree that dracd keeps', with_('check_client_access btree:/etc/mail/dracd'), MASTER],
    ['the database, its expiry compared', with_(`check_client_access proxy:sqlite:${folder}/good.cf`), CHROOT],
    [
      'a submission service with a list of its own',
      with_(SOCKETMAP),
      `${MASTER}submission inet n - y - - smtpd\n  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n`,
    ],
  ])('%s', (_, main, master) => {
    expect(check(main, { master })).toEqual([])
  })
})

describe('a mistake is named with its line', () => {
  const cases: [string, string, RegExp, Parameters<typeof check>[1]?][] = [
    [
      'drac is not asked',
      relay('permit_mynetworks', 'reject_unauth_destination'),
      /^warning main\.cf:2: .* does not ask drac/,
    ],
    ['nothing is set', '', /^warning main\.cf: .* does not ask drac/],
    [
      'asked before permit_auth_destination',
      relay('permit_mynetworks', SOCKETMAP, 'permit_auth_destination', 'reject'),
      /^warning main\.cf:2: .*before permit_auth_destination/,
    ],
    [
      'asked without permit_auth_destination',
      relay('permit_mynetworks', SOCKETMAP, 'reject_unauth_destination'),
      /^warning main\.cf:2: .*before permit_auth_destination/,
    ],
    [
      'asked after the refusal',
      relay(...GOOD, 'reject_unauth_destination', SOCKETMAP),
      /^warning main\.cf:2: reject_unauth_destination stands before/,
    ],
    [
      'asked in smtpd_recipient_restrictions',
      `${relay('permit_mynetworks', 'reject_unauth_destination')}smtpd_recipient_restrictions = ${SOCKETMAP}, reject_unauth_destination\n`,
      /^warning main\.cf:3: smtpd_recipient_restrictions asks drac.*does not authorize/,
    ],
    [
      'asked in smtpd_client_restrictions too',
      `${with_(SOCKETMAP)}smtpd_client_restrictions = ${SOCKETMAP}\n`,
      /^warning main\.cf:3: smtpd_client_restrictions asks drac/,
    ],
    [
      'asked in mynetworks',
      `mynetworks = 127.0.0.1/32, socketmap:inet:127.0.0.1:9899:drac\n`,
      /^warning main\.cf:2: mynetworks asks drac/,
    ],
    [
      'permit_dnswl_client',
      relay(...GOOD, 'permit_dnswl_client drac.invalid', SOCKETMAP, 'reject_unauth_destination'),
      /^warning main\.cf:2: "permit_dnswl_client drac.invalid" authorizes nobody/,
    ],
    ['a bare permit', relay(...GOOD, SOCKETMAP, 'permit'), /^error main\.cf:2: "permit" .*OPEN RELAY/],
    ['no refusal', relay(...GOOD, SOCKETMAP), /^error main\.cf:2: .*has no refusal/],
    ['policy without timeout', with_(policy(ACTION)), /^warning main\.cf:2: no timeout/],
    ['policy without default_action', with_(policy(', timeout=3s')), /^warning main\.cf:2: no default_action/],
    [
      'policy that says DUNNO when down',
      with_(policy(', timeout=3s, default_action=DUNNO')),
      /^warning main\.cf:2: default_action=DUNNO: while dracd is down/,
    ],
    [
      'policy that permits when down',
      with_(policy(', timeout=3s, default_action=permit')),
      /^error main\.cf:2: default_action=permit: OPEN RELAY/,
    ],
    [
      'policy that says OK when down, for all services',
      `${with_(policy(', timeout=3s'))}smtpd_policy_service_default_action = OK\n`,
      /^error main\.cf:2: default_action=OK: OPEN RELAY/,
    ],
    [
      'default_action without braces of its own',
      with_(policy(', timeout=3s, default_action=451 4.3.0 try again')),
      /^error main\.cf:2: "4\.3\.0" is not NAME=VALUE/,
    ],
    [
      'chrooted, a socket outside',
      with_('check_client_access socketmap:unix:/run/drac/socketmap.sock:drac'),
      /^error main\.cf:2: unix:\/run\/drac\/socketmap\.sock is looked for below/,
      { master: CHROOT },
    ],
    [
      'chrooted by default',
      with_('check_client_access socketmap:unix:/run/drac/socketmap.sock:drac'),
      /is looked for below/,
      { master: MASTER.replace(/n(\s+-\s+-\s+smtpd)/, '-$1') },
    ],
    [
      'another port',
      with_('check_client_access socketmap:inet:127.0.0.1:9001:drac'),
      /^error main\.cf:2: asks tcp:127\.0\.0\.1:9001, but dracd's socketmap listens/,
    ],
    [
      'another socket',
      with_('check_client_access socketmap:unix:/run/drac.sock:drac'),
      /^error main\.cf:2: asks unix:\/run\/drac\.sock/,
    ],
    [
      'a map that dracd does not keep',
      with_('check_client_access hash:/etc/postfix/drac'),
      /^error main\.cf:2: \/etc\/postfix\/drac\.db is no map that dracd keeps/,
    ],
    [
      'a map file and no ExecStopPost',
      with_('check_client_access btree:/etc/mail/dracd'),
      /^warning main\.cf:2: .*does not expire by itself/,
      { unit: '[Service]\nExecStart=/x\n' },
    ],
    [
      'a map file and no unit',
      with_('check_client_access btree:/etc/mail/dracd'),
      /does not expire by itself, and dracd has no systemd unit/,
      { unit: null },
    ],
    [
      'proxy:btree',
      with_('check_client_access proxy:btree:/etc/mail/dracd'),
      /^warning main\.cf:2: .*proxymap sees the first replacement/,
    ],
    [
      'texthash',
      with_('check_client_access texthash:/etc/mail/drac.txt'),
      /^warning main\.cf:2: .*until "postfix reload"/,
    ],
    [
      'a query without expiry',
      with_(`check_client_access proxy:sqlite:FOLDER/forever.cf`),
      /^error forever\.cf: the query does not compare the expiry/,
    ],
    [
      'another database',
      with_(`check_client_access proxy:sqlite:FOLDER/forever.cf`),
      /^error forever\.cf: dbpath is \/other\.sqlite/,
    ],
    [
      'a chrooted smtpd with the database',
      with_(`check_client_access sqlite:FOLDER/good.cf`),
      /^error main\.cf:2: a chrooted smtpd cannot read/,
      { master: CHROOT },
    ],
    [
      'mynetworks is everybody',
      `${with_(SOCKETMAP)}mynetworks = 127.0.0.0/8, 0.0.0.0/0\n`,
      /^error main\.cf:3: mynetworks holds 0\.0\.0\.0\/0: OPEN RELAY/,
    ],
    [
      'mynetworks is everybody on IPv6',
      `${with_(SOCKETMAP)}mynetworks = [::]/0\n`,
      /^error main\.cf:3: mynetworks holds ::\/0: OPEN RELAY/,
    ],
    [
      'mynetworks is half of the Internet',
      `${with_(SOCKETMAP)}mynetworks = 128.0.0.0/1\n`,
      /^warning main\.cf:3: mynetworks holds 128\.0\.0\.0\/1, which is wider/,
    ],
    [
      'mynetworks by class',
      `compatibility_level = 3\nmynetworks_style = class\n${with_(SOCKETMAP)}`,
      /^warning main\.cf:2: .*class A, B or C/,
      { base: '' },
    ],
    [
      'master.cf opens one service',
      with_(SOCKETMAP),
      /^error master\.cf:3: "permit" .*OPEN RELAY/,
      { master: `${MASTER}10025 inet n - n - - smtpd\n  -o smtpd_relay_restrictions=permit\n` },
    ],
    [
      'master.cf widens mynetworks',
      with_(SOCKETMAP),
      /^error master\.cf:2: mynetworks holds 0\.0\.0\.0\/0/,
      { master: `${MASTER}  -o { mynetworks = 0.0.0.0/0 }\n` },
    ],
  ]
  test.each(cases)('%s', (_, main, expected, options) => {
    const found = check(main.replace('FOLDER', folder), options)
    expect(found.filter((line) => expected.test(line))).toHaveLength(1)
  })
})

test('what mynetworks permits is told, so that no question is asked from there', () => {
  const trusted = (main: string) => {
    writeFileSync(join(folder, 'main.cf'), main)
    writeFileSync(join(folder, 'master.cf'), MASTER)
    return inspectPostfix(new Places({ file: join(folder, 'main.cf') }), known(FACTS)).trusted
  }
  expect(trusted('mynetworks = 127.0.0.0/8 [2001:db8::]/32, hash:/x')).toEqual([
    { network: '127.0.0.0', width: 8 },
    { network: '2001:db8::', width: 32 },
  ])
  expect(trusted('x = y\n')).toBeUndefined()
})
