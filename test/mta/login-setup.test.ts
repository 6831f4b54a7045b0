// What drac setup prints for POP and IMAP servers that report by drac-report, over RPC or by their logs.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DracFacts, LogFacts } from '../../src/mta/facts.ts'
import { findServer, findWay, LOGIN_SERVERS } from '../../src/mta/registry.ts'
import { SERVERS } from '../../src/protocols/login-log/servers.ts'
import { DEFAULT_LISTEN, facts } from './facts.ts'

const plan = (name: string, via: string | undefined, f: DracFacts) => findWay(findServer(name), via).plan(f)
const log = (path: string, ...servers: string[]): LogFacts => ({ path, journal: [], servers })

test.each(LOGIN_SERVERS.map(({ name }) => name))('%s: every way prints something, and there is a page', (name) => {
  const server = findServer(name)
  for (const way of server.ways) {
    const p = way.plan(facts(DEFAULT_LISTEN))
    expect(p.down, way.name).not.toBe('')
    expect(p.settings.length + p.parts.length).toBeGreaterThan(0)
  }
  expect(existsSync(join(resolve('integrations', name), 'README.md'))).toBe(true)
})

test('whoever is read in a log can be set up', () => {
  const names = new Map([
    ['uw', 'uw-imap'],
    ['courier', 'courier-imap'],
  ])
  for (const server of SERVERS) expect(() => findServer(names.get(server) ?? server)).not.toThrow()
})

describe('a [[log]]', () => {
  const MAIL = '/var/log/mail.log'
  test.each<[string, readonly LogFacts[], readonly string[]]>([
    ['none', [], ['[[log]]', `path = "${MAIL}"`, 'servers = ["popa3d"]']],
    ['of another file', [log('/x')], []],
    ['with it', [log(MAIL, 'popa3d')], []],
    ['of another server in another file', [log('/x', 'uw')], ['[[log]]', `path = "${MAIL}"`, 'servers = ["popa3d"]']],
  ])('%s', (_, logs, expected) => {
    expect(plan('popa3d', 'log', facts({}, { logs })).settings).toEqual(expected)
  })

  test('of the same file gets the server, for dracd takes a file once', () => {
    const { settings } = plan('popa3d', 'log', facts({}, { logs: [log(MAIL, 'uw')] }))
    expect(settings).toEqual([expect.stringMatching(/^servers = \["uw", "popa3d"\] +# in place of that line/)])
  })
})

describe('Courier', () => {
  test('the wrappers run the real programs, by their new names where those were moved', () => {
    const texts = (via: string) => plan('courier-imap', via, facts()).parts.map(({ text }) => text.trimEnd())
    expect(texts('scripts')[0]).toMatch(/\nexec \/usr\/bin\/imapd "\$@"$/)
    expect(texts('divert')[0]).toMatch(/\nexec \/usr\/bin\/imapd\.courier "\$@"$/)
    expect(texts('divert')[1]).toMatch(/\nexec \/usr\/lib\/courier\/courier\/courierpop3d\.courier "\$@"$/)
  })

  test('a report socket and group that are there stay', () => {
    const f = facts({ report: ['unix:/run/drac/report.sock'] } as never, { reportGroup: 'vmail' })
    const p = plan('courier-imap', undefined, f)
    expect(p.settings).toEqual([])
    expect(p.commands).toContain('chgrp vmail /usr/sbin/drac-report')
  })
})

test.each([
  ['qpopper', 'popper -D localhost'],
  ['teapop', 'teapop -n -p localhost'],
  ['tpop3d', 'drac-server: localhost'],
  ['uw-imap', 'localhost'],
])('%s is told the host', (name, text) => {
  expect(plan(name, 'rpc', facts(DEFAULT_LISTEN)).parts[0]!.text).toContain(text)
  expect(plan(name, 'rpc', facts()).settings).toContain('[drac_rpc]')
})
