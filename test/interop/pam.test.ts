// A login that PAM lets in, with the client's address in PAM_RHOST, opens a real Postfix to it: through pam_exec in the
// account phase, as integrations/pam says. pamtester stands for the mail server.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder } from '../libdrac/toolchain.ts'
import { buildDracReport } from './drac-report.ts'
import { LoginSite } from './login-site.ts'
import { recordLogin, saidOfLogin } from './login-table.ts'
import { PASSWORD, SHADOW, USER } from './mail-user.ts'
import { skipping } from './programs.ts'
import { printSetup } from './setup.ts'

const HEADING = { server: 'PAM 1.5.2, by pamtester', way: 'pam_exec, account' }
const STACK = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\n'

describe.skipIf(skipping('pam.test.ts', 'postfix', 'postfix-maps', 'pamtester', 'gcc'))('PAM', () => {
  let report: string
  let site: LoginSite

  beforeAll(async () => {
    report = buildDracReport()
    site = await LoginSite.open({ binds: [[report, '/usr/sbin/drac-report']] })
    const etc = join(site.namespace.folder, 'etc')
    mkdirSync(join(etc, 'pam.d'))
    writeFileSync(join(etc, 'shadow'), SHADOW, { mode: 0o600 })
    const { parts } = await printSetup(site.namespace, { name: 'pam' }, 'account')
    const line = parts[0]!.text
    const services = {
      imap: STACK + line,
      waits: STACK + line.replace(' --background', ''),
      wrong: line.replace('account', 'auth') + STACK,
      other: '',
    }
    for (const [name, text] of Object.entries(services)) writeFileSync(join(etc, 'pam.d', name), text)
  })
  afterAll(async () => {
    await site?.close()
    if (report) removeFolder(dirname(report))
  })

  /** As a server does: the password is asked for, then the account. Returns whether the user is let in, and in how long. */
  function login(rhost: string, { password = PASSWORD, service = 'imap' } = {}) {
    const item = rhost === '' ? [] : ['-I', `rhost=${rhost}`]
    const before = performance.now()
    const command = ['pamtester', ...item, service, USER, 'authenticate', 'acct_mgmt'].join(' ')
    const { status } = site.namespace.try('sh', ['-c', `echo ${password} | ${command}`])
    return { entered: status === 0, ms: Math.round(performance.now() - before) }
  }

  test('the table', async () => {
    const [v4, v6, mapped, failed] = ['192.0.2.5', '2001:db8::5', '192.0.2.7', '192.0.2.6'] as const
    for (const rhost of [v4, v6, `::ffff:${mapped}`]) expect(login(rhost).entered, rhost).toBe(true)
    expect(login(failed, { password: 'wrong' }).entered).toBe(false)
    const [one, six, four] = await Promise.all([v4, v6, mapped].map((client) => site.hears(client, '250')))
    const never = await site.ask(failed)
    const up = login('192.0.2.9')
    await site.dracd.stop()
    const down = login('192.0.2.9')
    await site.dracd.run()
    site.dracd.stall()
    const hangs = login('192.0.2.9')
    const waits = login('192.0.2.9', { service: 'waits' })
    site.dracd.resume()
    console.log(
      `PAM: dracd up ${up.ms} ms, down ${down.ms} ms, hangs ${hangs.ms} ms, without --background ${waits.ms} ms`,
    )
    expect(waits.entered).toBe(true)
    const ok = ({ entered }: { entered: boolean }) => (entered ? 'ok' : 'refused')
    const rows = {
      'login v4': one!,
      'login v6': six!,
      'login mapped': four!,
      'failed login': never,
      'server login while dracd is down': ok(down),
      'server login while dracd hangs': ok(hangs),
    }
    recordLogin({ ...HEADING, rows })
    expect(rows).toEqual(saidOfLogin(HEADING.server, HEADING.way))
  })

  test.each([
    ['a host name', { rhost: 'c8.test' }],
    ['nothing, as popa3d and solid-pop3d', { rhost: '' }],
    ['two addresses', { rhost: '192.0.2.8,192.0.2.8' }],
    ['an address in a module that runs after wrong passwords too', { rhost: '192.0.2.8', service: 'wrong' }],
  ])('a server that gives %s opens nothing', async (_, { rhost, ...how }) => {
    const before = await site.dracd.authorized()
    expect(login(rhost, how).entered).toBe(true)
    // What is reported after it has been stored after it.
    expect(login('2001:db8::9').entered).toBe(true)
    await site.hears('2001:db8::9', '250')
    expect((await site.dracd.authorized()).sort()).toEqual([...new Set([...before, '2001:db8::9'])].sort())
    expect(await site.ask('192.0.2.8')).toBe('554')
    await site.dracd.revoke('2001:db8::9')
  })
})
