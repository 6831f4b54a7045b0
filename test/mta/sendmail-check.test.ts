// Each mistake that drac check --mta sendmail knows, in the rules as drac and its predecessors gave them.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Places } from '../../src/mta/places.ts'
import { cfOf } from '../../src/mta/sendmail/cf.ts'
import { inspectSendmail } from '../../src/mta/sendmail/inspect.ts'
import { snippet } from '../../src/mta/snippet.ts'
import { bad, DEFAULT_LISTEN, facts, known, map } from './facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-sendmail-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

mkdirSync(join(folder, 'etc/mail'), { recursive: true, mode: 0o755 })
const FACTS = facts(DEFAULT_LISTEN, { maps: [map({ path: '/etc/mail/dracd.db' })] })
const socketmap = cfOf(snippet('sendmail/socketmap.mc'))
const btree = cfOf(snippet('sendmail/btree.mc'))
const original = cfOf(snippet('sendmail/original.mc'))
const STOCK =
  'V10/Berkeley\nSlocal_check_mail\nSLocal_check_rcpt\nScheck_rcpt\nR$*\t\t\t$: $1 $| $>"Local_check_rcpt" $1\n'
/** What FEATURE(drac) adds to the stock Relay_ok, and its K line. */
const feature = (flags: string): string =>
  `Kdrac socket ${flags}unix:/run/drac/socketmap.sock\nSRelay_ok\nR$*\t\t\t$: <> $(drac $1 $: <?> $1 $)\nR<> <?> $+\t\t$: $1\nR<> $+\t\t\t$@ RELAY\t\tauthenticated IP address\n`

function check(text: string, { mc = '', unit = 'ExecStopPost=/x' as string | null, f = FACTS } = {}): string[] {
  writeFileSync(join(folder, 'sendmail.cf'), STOCK + text)
  writeFileSync(join(folder, 'sendmail.mc'), mc)
  const places = new Places({ root: folder, file: join(folder, 'sendmail.cf') })
  const { findings } = inspectSendmail(places, { ...known(f), unit: unit ?? undefined })
  return bad(findings).map((line) => line.replaceAll(`${folder}/`, ''))
}

describe('nothing to say of', () => {
  test.each([
    ['socketmap.mc', socketmap],
    ['socketmap.mc over TCP', socketmap.replace('unix:/run/drac/socketmap.sock', 'inet:9899@127.0.0.1')],
    ['btree.mc', btree],
    ['original.mc', original],
  ])('%s', (_, text) => {
    expect(check(text)).toEqual([])
  })
})

describe('a mistake is named with its line', () => {
  const cases: [string, string, RegExp, Parameters<typeof check>[1]?][] = [
    ['drac is not asked', '', /^warning sendmail\.cf: sendmail does not ask drac/],
    [
      'a map that no rule asks',
      'Kdrac socket -d5s -T<TMPF> unix:/run/drac/socketmap.sock\n',
      /^warning sendmail\.cf:6: the map "drac" is asked by no rule/,
    ],
    [
      'the original rules with -T',
      original.replace('Kdrac btree', 'Kdrac btree -T<TMPF>'),
      /^error sendmail\.cf:\d+: -T<TMPF> with the rule of line \d+.*OPEN RELAY/,
    ],
    [
      'the original rules on a socket with -T',
      original.replace('btree /etc/mail/dracd', 'socket -d5s -T<TMPF> unix:/run/drac/socketmap.sock'),
      /^error .*OPEN RELAY/,
    ],
    [
      'FEATURE(drac) with -T',
      feature('-d5s -T<TMPF> '),
      /^error sendmail\.cf:6: -T<TMPF> with the rule of line 10.*OPEN RELAY/,
    ],
    ['our rules without the one that catches -T', btree.replace(/R\$\* <TMPF>.*\n/, ''), /^error .*OPEN RELAY/],
    ['FEATURE(drac) without -T', feature('-d5s '), /^warning sendmail\.cf:6: no -T: while dracd is down .*550/],
    ['no -d', socketmap.replace('-d5s ', ''), /^warning .*no -d: while dracd hangs/],
    [
      'another socket',
      socketmap.replace('/run/drac/socketmap.sock', '/run/drac.sock'),
      /^error .*asks unix:\/run\/drac\.sock, but dracd's socketmap listens/,
    ],
    [
      'another port',
      socketmap.replace('unix:/run/drac/socketmap.sock', 'inet:9001@127.0.0.1'),
      /^error .*asks tcp:127\.0\.0\.1:9001/,
    ],
    [
      'a map that dracd does not keep',
      btree.replace('/etc/mail/dracd', '/etc/mail/drac'),
      /^error .*\/etc\/mail\/drac\.db is no map that dracd keeps/,
    ],
    ['a map without ExecStopPost', btree, /^warning .*does not expire by itself/, { unit: null }],
    [
      'rules that want OK on a map of times',
      socketmap.replace('socket -d5s -T<TMPF> unix:/run/drac/socketmap.sock', 'btree -T<TMPF> /etc/mail/dracd'),
      /^error .*want the value "OK", the map holds "expiry"/,
    ],
    ['blanks for tabs', socketmap.replaceAll(/\t+/g, '    '), /^error .*:\d+: a rule of Local_check_rcpt has no tab/],
    [
      'promiscuous_relay',
      socketmap,
      /^error sendmail\.mc:1: FEATURE\(promiscuous_relay\).*OPEN RELAY/,
      { mc: "FEATURE(`promiscuous_relay')dnl\n" },
    ],
    [
      'relay_local_from',
      socketmap,
      /^warning sendmail\.mc:2: FEATURE\(relay_local_from\)/,
      { mc: 'dnl\nFEATURE(relay_local_from)\n' },
    ],
  ]
  test.each(cases)('%s', (_, text, expected, options) => {
    expect(check(text, options).find((line) => expected.test(line))).toBeDefined()
  })

  test('a commented FEATURE(promiscuous_relay) is none', () => {
    expect(check(socketmap, { mc: "dnl FEATURE(`promiscuous_relay')dnl\n" })).toEqual([])
  })

  test('a folder of the map that a group may write to', () => {
    chmodSync(join(folder, 'etc/mail'), 0o775)
    expect(check(btree)).toEqual([
      expect.stringMatching(/^error .*etc\/mail is writable for group or others: sendmail refuses the map/),
    ])
    chmodSync(join(folder, 'etc/mail'), 0o755)
  })
})
