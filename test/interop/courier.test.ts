// A login on a real Courier IMAP or POP3 server, reported by the programs that stand in place of its own, opens a real
// Postfix to that client: while the session lasts, and no longer than one lifetime after.
import type { ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder } from '../libdrac/toolchain.ts'
import { installCourier, startCourier } from './courier.ts'
import { buildDracReport } from './drac-report.ts'
import { LoginSite } from './login-site.ts'
import { type LoginCells, recordLogin, saidOfLogin } from './login-table.ts'
import { ImapSession, PopSession } from './mail-client.ts'
import { PASSWORD, USER } from './mail-user.ts'
import { skipping } from './programs.ts'
import { printSetup } from './setup.ts'
import { until } from './wait.ts'

const IMAP = 'Courier IMAP 5.0.13'
const POP = 'Courier POP3 1.0.16'
/** Seconds. */
const LIFETIME = 3
/** Seconds between two reports of one session. */
const RENEW = 1
/** Many waits, each with a deadline of its own, on a busy machine. */
const PATIENCE_MS = 120_000
/** Nobody listens on the first. */
const DRACHOST = '127.0.0.1:4710,127.0.0.1:4711'
const SCRIPTS = ['imapd', 'imapd-ssl', 'pop3d', 'pop3d-ssl']
const PROTOCOLS = { imap: ImapSession, pop: PopSession } as const
type Protocol = keyof typeof PROTOCOLS

describe.skipIf(skipping('courier.test.ts', 'courier', 'postfix', 'postfix-maps', 'gcc'))('Courier', () => {
  let report: string
  let site: LoginSite
  let courier: ChildProcess

  beforeAll(async () => {
    const set = {
      lifetime: `"${LIFETIME}s"`,
      'drac_rpc.listen': '["udp:127.0.0.1:4711"]',
      report_group: '"drac-report"',
      'report.listen': '["unix:/run/drac/report.sock"]',
    }
    site = await LoginSite.open({ dracd: { set } })
    report = buildDracReport()
    installCourier(site.namespace, report)
  })
  afterAll(async () => {
    await site?.close()
    if (report) removeFolder(dirname(report))
  })

  /** What `drac setup` prints, typed. systemd is not here. */
  async function setUp(via: string): Promise<void> {
    const { parts, commands } = await printSetup(site.namespace, { name: 'courier-imap' }, via)
    for (const { file, text } of parts) site.namespace.exec('tee', [file], { input: text })
    for (const command of commands) if (!command.startsWith('systemctl ')) site.namespace.exec('sh', ['-c', command])
  }

  async function login(protocol: Protocol, client: string, password = PASSWORD) {
    const session = await PROTOCOLS[protocol].open(site.namespace, client)
    const before = performance.now()
    const entered = await session.login(USER, password)
    return { session, entered, ms: Math.round(performance.now() - before) }
  }
  const enter = async (protocol: Protocol, client: string) => {
    const { session, entered } = await login(protocol, client)
    expect(entered, client).toBe(true)
    return session
  }
  async function idle(client: string): Promise<ImapSession> {
    const session = (await enter('imap', client)) as ImapSession
    await session.idle()
    return session
  }

  /** The first rows of the table: three clients log in at the same time, from addresses that may not relay. */
  async function logins(protocol: Protocol, n: number): Promise<LoginCells> {
    const [v4, v6, failed] = [`192.0.2.${n}`, `2001:db8::${n}`, `192.0.2.${n + 1}`]
    await Promise.all([v4, v6, failed].map((client) => site.hears(client, '554')))
    const [one, six, wrong] = await Promise.all([
      enter(protocol, v4),
      enter(protocol, v6),
      login(protocol, failed, 'wrong'),
    ])
    expect(wrong.entered).toBe(false)
    const [ask4, ask6] = await Promise.all([site.hears(v4, '250'), site.hears(v6, '250')])
    const rows = { 'login v4': ask4, 'login v6': ask6, 'login mapped': ask4, 'failed login': await site.ask(failed) }
    wrong.session.abort()
    await Promise.all([one.logout(), six.logout()])
    return rows
  }

  /** Once the session has begun, until the login itself is worth nothing any more. */
  async function outlives(client: string): Promise<string> {
    const began = Math.floor(Date.now() / 1000)
    await site.past(began + LIFETIME + 1)
    return site.ask(client)
  }

  /** How long a login takes, in each state of dracd. The client is another one for each. */
  async function timed(what: string, protocol: Protocol, client: string) {
    const { session, entered, ms } = await login(protocol, client)
    console.log(`Courier ${protocol}, ${what}: login in ${ms} ms`)
    return { session, cell: entered ? 'ok' : 'refused' }
  }
  const each = async (what: string, n: number) =>
    Promise.all([timed(what, 'imap', `192.0.2.${n}`), timed(what, 'pop', `2001:db8::${n}`)])

  /** The last rows of both: sessions that began meanwhile are reported when dracd is back. */
  async function troubles(): Promise<LoginCells[]> {
    const up = await each('dracd up', 7)
    await site.dracd.stop()
    const down = await each('dracd down', 8)
    await site.dracd.run()
    await Promise.all(['192.0.2.8', '2001:db8::8'].map((client) => site.hears(client, '250')))
    site.dracd.stall()
    const hangs = await each('dracd hangs', 9)
    site.dracd.resume()
    await Promise.all(['192.0.2.9', '2001:db8::9'].map((client) => site.hears(client, '250')))
    for (const { session } of [...up, ...down, ...hangs]) session.abort()
    return down.map(({ cell }, i) => ({
      'server login while dracd is down': cell,
      'server login while dracd hangs': hangs[i]!.cell,
    }))
  }

  /** Everything that the table of integrations/README.md says of one way. */
  async function table(way: string, lasting: (client: string) => Promise<LoginCells>): Promise<void> {
    const [imap, pop, lasts] = await Promise.all([logins('imap', 5), logins('pop', 7), lasting('192.0.2.9')])
    const [imapTroubles, popTroubles] = await troubles()
    const rows = { [IMAP]: { ...imap, ...lasts, ...imapTroubles }, [POP]: { ...pop, ...popTroubles } }
    for (const [server, seen] of Object.entries(rows)) recordLogin({ server, way, rows: seen })
    for (const [server, seen] of Object.entries(rows)) expect(seen, server).toEqual(saidOfLogin(server, way))
  }

  describe("over dracd's socket for reports", () => {
    beforeAll(async () => {
      await setUp('scripts')
      courier = await startCourier(site.namespace, [`DRAC_RENEW=${RENEW}`])
    })
    afterAll(() => {
      courier?.kill('SIGKILL')
    })

    test.each(SCRIPTS)('the start script %s names the wrapper, and nothing else', (name) => {
      const { stdout } = site.namespace.try('diff', [
        `/usr/lib/courier/${name}.before-drac`,
        `/usr/lib/courier/${name}`,
      ])
      expect(stdout.split('\n').filter((line) => line.startsWith('>'))).toEqual([
        expect.stringMatching(/^>\s+\/usr\/local\/bin\/drac-(imapd|pop3d) \$\{MAILDIRPATH\}"$/),
      ])
    })

    async function lasting(client: string): Promise<LoginCells> {
      const session = await idle(client)
      const connected = await outlives(client)
      expect((await site.dracd.show(client)).sessions).toMatchObject([{ user: USER, source: 'courier-imap' }])
      const left = Math.floor(Date.now() / 1000)
      await session.logout()
      await until('the end of the session', async () => (await site.dracd.show(client)).sessions.length === 0)
      const { expires_at } = (await site.dracd.show(client)).authorizations[0]!
      expect(expires_at).toBeGreaterThanOrEqual(left + LIFETIME)
      await site.past(expires_at)
      return { 'connected past the lifetime': connected, 'one lifetime after logout': await site.ask(client) }
    }

    test(
      'logins, IDLE past the lifetime, one lifetime after logout, dracd away',
      () => table('wrapper, report socket', lasting),
      PATIENCE_MS,
    )

    test('what was revoked stays revoked while the client stays connected, until it logs in again', async () => {
      const client = '2001:db8::7'
      const session = await idle(client)
      await site.hears(client, '250')
      await site.dracd.revoke(client)
      await until('two renewals', async () => ((await site.dracd.show(client)).unstored?.count ?? 0) >= 2)
      expect((await site.dracd.show(client)).unstored).toMatchObject({ reason: 'revoked' })
      expect(await site.ask(client)).toBe('554')
      session.abort()
      const again = await enter('pop', client)
      expect(await site.hears(client, '250')).toBe('250')
      await again.logout()
    })

    test('a client that is cut off is no longer connected', async () => {
      const client = '2001:db8::8'
      const session = await idle(client)
      await site.hears(client, '250')
      session.abort()
      await until('the end of the session', async () => (await site.dracd.show(client)).sessions.length === 0)
    })

    test('over TLS too', async () => {
      const from = ['-bind', '192.0.2.6:0', '-connect', '192.0.2.1:993']
      const openssl = site.namespace.spawn('openssl', ['s_client', '-quiet', '-crlf', '-no_ign_eof', ...from])
      openssl.stdin!.write(`a1 LOGIN ${USER} ${PASSWORD}\n`)
      expect(await site.hears('192.0.2.6', '250')).toBe('250')
      expect((await site.dracd.show('192.0.2.6')).sessions).toHaveLength(1)
      openssl.stdin!.write('a2 LOGOUT\n')
      await until('the end of the session', async () => (await site.dracd.show('192.0.2.6')).sessions.length === 0)
    })
  })

  describe('over RPC, by users who may do nothing else', () => {
    beforeAll(async () => {
      for (const script of SCRIPTS)
        site.namespace.exec('mv', [`/usr/lib/courier/${script}.before-drac`, `/usr/lib/courier/${script}`])
      site.namespace.exec('chmod', ['755', '/usr/sbin/drac-report'])
      await setUp('divert')
      courier = await startCourier(site.namespace, [`DRAC_RENEW=${RENEW}`, `DRACHOST=${DRACHOST}`])
    })
    afterAll(() => {
      courier?.kill('SIGKILL')
    })

    async function lasting(client: string): Promise<LoginCells> {
      const session = await idle(client)
      const connected = await outlives(client)
      expect((await site.dracd.show(client)).sessions).toEqual([])
      await session.logout()
      return { 'connected past the lifetime': connected, 'one lifetime after logout': await site.hears(client, '554') }
    }

    test(
      'logins, IDLE past the lifetime, one lifetime after logout, dracd away',
      () => table('wrapper, RPC', lasting),
      PATIENCE_MS,
    )

    test('what was revoked comes back with the next renewal: RPC knows logins only', async () => {
      const client = '2001:db8::7'
      const session = await idle(client)
      await site.hears(client, '250')
      await site.dracd.revoke(client)
      expect(await site.hears(client, '250')).toBe('250')
      session.abort()
    })
  })
})
