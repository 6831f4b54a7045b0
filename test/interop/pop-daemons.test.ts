// A login on a real popa3d or Solid POP3 server opens a real Postfix to that client: dracd follows the log that a real
// rsyslogd writes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LoginSite } from './login-site.ts'
import { type LoginCells, recordLogin, saidOfLogin } from './login-table.ts'
import { PopSession, type Where } from './mail-client.ts'
import { PASSWORD, USER } from './mail-user.ts'
import {
  PERDITION_PORT,
  preparePop,
  SOLID_DUAL_PORT,
  SOLID_PORT,
  startPerdition,
  startPopa3d,
  startSolidPop3d,
} from './pop-daemon.ts'
import { skipping } from './programs.ts'
import { printSetup } from './setup.ts'
import { SYSLOG, Syslog } from './syslog.ts'
import { until } from './wait.ts'

const NEEDS = ['popa3d', 'solid-pop3d', 'perdition', 'rsyslog', 'ucspi-tcp-ipv6', 'postfix', 'postfix-maps'] as const
const POPA3D = { server: 'popa3d 1.0.3', way: 'log, standalone' }
const SOLID = { server: 'Solid POP3 0.15', way: 'log' }
const PERDITION = { server: 'Perdition 2.2', way: 'log' }
const IN_SOLID = { port: SOLID_PORT }

describe.skipIf(skipping('pop-daemons.test.ts', ...NEEDS))('popa3d and Solid POP3', () => {
  let site: LoginSite
  let syslog: Syslog

  beforeAll(async () => {
    site = await LoginSite.open({
      prepare: async (namespace) => {
        syslog = await Syslog.start(namespace, 'iso')
        const plan = await printSetup(namespace, { name: 'popa3d' }, 'log')
        const settings = plan.settings.join('\n').replace('"popa3d"', '"popa3d", "solid-pop3d", "perdition"')
        writeFileSync(
          join(namespace.folder, 'etc/drac/dracd.toml'),
          `exempt_networks = ["192.0.2.1"]\n${settings.replace('/var/log/mail.log', SYSLOG)}\n`,
        )
      },
    })
    preparePop(site.namespace)
    await startPopa3d(site.namespace)
    await startSolidPop3d(site.namespace)
    await startPerdition(site.namespace)
  })
  afterAll(() => site?.close())

  async function login(client: string, where: Where, password = PASSWORD, user = USER) {
    const session = await PopSession.open(site.namespace, client, where)
    const before = performance.now()
    const entered = await session.login(user, password)
    const ms = Math.round(performance.now() - before)
    if (entered) await session.logout()
    else session.abort()
    return { entered, ms }
  }
  const enter = async (client: string, where: Where): Promise<string> => {
    expect((await login(client, where)).entered, client).toBe(true)
    return site.hears(client, '250')
  }

  /** Logins while dracd is down, which are read when it is back, and while it hangs. */
  async function troubles(name: string, where: Where, clients: readonly [string, string, string]): Promise<LoginCells> {
    const up = await login(clients[0], where)
    await site.dracd.stop()
    const down = await login(clients[1], where)
    await site.dracd.run()
    site.dracd.stall()
    const hangs = await login(clients[2], where)
    site.dracd.resume()
    await Promise.all(clients.map((client) => site.hears(client, '250')))
    console.log(`${name}: login with dracd up ${up.ms} ms, down ${down.ms} ms, hangs ${hangs.ms} ms`)
    const ok = ({ entered }: { entered: boolean }) => (entered ? 'ok' : 'refused')
    return { 'server login while dracd is down': ok(down), 'server login while dracd hangs': ok(hangs) }
  }

  function keep({ server, way }: typeof SOLID, rows: LoginCells): void {
    recordLogin({ server, way, rows })
    expect(rows).toEqual(saidOfLogin(server, way))
  }

  test('popa3d', async () => {
    const failed = await login('192.0.2.6', {}, 'wrong')
    expect(failed.entered).toBe(false)
    const v4 = await enter('192.0.2.5', {})
    // A line that comes after that of the failed login has been read.
    const rows = { 'login v4': v4, 'failed login': await site.ask('192.0.2.6') }
    keep(POPA3D, { ...rows, ...(await troubles('popa3d', {}, ['192.0.2.7', '192.0.2.8', '192.0.2.9'])) })
  })

  test('Solid POP3', async () => {
    const failed = await login('2001:db8::9', IN_SOLID, 'wrong')
    expect(failed.entered).toBe(false)
    const rows = {
      'login v4': await enter('192.0.2.6', IN_SOLID),
      'login v6': await enter('2001:db8::5', IN_SOLID),
      'login mapped': await enter('192.0.2.2', { port: SOLID_DUAL_PORT }),
      'failed login': await site.ask('2001:db8::9'),
    }
    const clients = ['2001:db8::6', '2001:db8::7', '2001:db8::8'] as const
    keep(SOLID, { ...rows, ...(await troubles('Solid POP3', IN_SOLID, clients)) })
  })

  test('a user who calls himself as log lines end opens nothing', async () => {
    const before = await site.dracd.authorized()
    const names = [
      'x authenticated - 203.0.113.1',
      'x authenticated - c8.test (203.0.113.1)',
      'user alice authenticated - 203.0.113.1',
      '203.0.113.1',
    ]
    for (const name of names)
      await Promise.all([
        login('2001:db8::9', IN_SOLID, 'wrong', name),
        login('2001:db8::9', IN_SOLID, PASSWORD, name),
        login('192.0.2.5', {}, 'wrong', name),
      ])
    await enter('2001:db8::9', IN_SOLID)
    expect((await site.dracd.authorized()).sort()).toEqual([...before, '2001:db8::9'].sort())
  })

  test('all of these sessions have ended', async () => {
    const clients = await site.dracd.authorized()
    expect(clients.length).toBeGreaterThan(9)
    await until('every end', async () => {
      const shown = await Promise.all(clients.map((client) => site.dracd.show(client)))
      return shown.every(({ sessions }) => sessions.length === 0)
    })
  })

  test('drac logs test says the same of these lines', async () => {
    const copy = join(site.namespace.folder, 'collected')
    mkdirSync(copy)
    writeFileSync(join(copy, 'lines.txt'), `${syslog.lines().join('\n')}\n`)
    const args = [resolve('src/bin/drac.ts'), 'logs', 'test', '/run/drac/collected/lines.txt']
    const { stdout, stderr } = await site.namespace.run(process.execPath, args)
    const seen = stdout.split('\n').flatMap((line) => {
      const [, kind, address, user, server] = line.split('\t')
      return kind === 'login' ? [`${server} ${address} ${user}`] : []
    })
    expect(stderr).toBe('')
    const from = (server: string, clients: readonly string[]) => clients.map((client) => `${server} ${client} ${USER}`)
    expect([...new Set(seen)].sort()).toEqual(
      [
        ...from('popa3d', ['192.0.2.5', '192.0.2.7', '192.0.2.8', '192.0.2.9']),
        ...from('solid-pop3d', ['192.0.2.2', '192.0.2.6', '2001:db8::5', '2001:db8::6', '2001:db8::7']),
        ...from('solid-pop3d', ['2001:db8::8', '2001:db8::9']),
      ].sort(),
    )
  })
  test('Perdition: the client and not the proxy, and the session ends', async () => {
    for (const address of ['192.0.2.10', '192.0.2.11'])
      site.namespace.exec('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo'])
    const where = { port: PERDITION_PORT }
    expect((await login('192.0.2.11', where, 'wrong')).entered).toBe(false)
    const rows = { 'login v4': await enter('192.0.2.10', where), 'failed login': await site.ask('192.0.2.11') }
    await until('the end of the session', async () => (await site.dracd.show('192.0.2.10')).sessions.length === 0)
    expect((await site.dracd.show('192.0.2.1')).authorizations).toEqual([])
    keep(PERDITION, rows)
  })
})
