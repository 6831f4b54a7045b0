// A login on a real Dovecot opens a real Postfix to that client, in each of the ways that dracd can hear of it: while the
// client stays connected where the end is told too, and no longer than one lifetime after.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder } from '../libdrac/toolchain.ts'
import { DOVECOT, DOVECOT_BINDS, Dovecot, PASSWORD } from './dovecot.ts'
import { buildDracReport } from './drac-report.ts'
import { LoginSite } from './login-site.ts'
import { type LoginCells, recordLogin, saidOfLogin } from './login-table.ts'
import { ImapSession, PopSession } from './mail-client.ts'
import type { Namespace } from './namespace.ts'
import { skipping } from './programs.ts'
import { printSetup } from './setup.ts'
import { until } from './wait.ts'

const TOKEN = 'a-token-of-the-tests-0123456789'
const TOKEN_FILE = '/etc/drac/report-token'
const KEY_FILE = '/etc/drac/doveadm-key'
/** Milliseconds; everything runs at once, and most of the time it waits. */
const PATIENCE = 120_000
/** Its word on a client's address counts. */
const PROXY = '192.0.2.8'

const SETTINGS = `report_group = "drac-report"
[report]
listen = ["unix:/run/drac/report.sock"]
[http]
listen = ["tcp:127.0.0.1:8025"]
report_token_file = "${TOKEN_FILE}"
`
/** As the user that dracd runs as where it is installed. */
const POLL = `[[poll]]
server = "dovecot"
interval = "1s"
command = ["setpriv", "--reuid=drac", "--regid=drac", "--clear-groups", "doveadm", "-f", "json", "who", "-1"]
`

const POLL_HTTP = `[[poll]]
server = "dovecot"
url = "http://127.0.0.1:8088/doveadm/v1"
key_file = "${KEY_FILE}"
interval = "1s"
`

interface DovecotWay {
  readonly title: string
  readonly via: string
  readonly settings?: string
  /** Whether dracd hears of who stays connected. */
  readonly lasts: boolean
  /** Seconds; where nothing renews it, enough for a slow machine to ask in. */
  readonly lifetime: number
}
const WAYS: readonly DovecotWay[] = [
  { title: 'auth policy', via: 'policy', lasts: true, lifetime: 3 },
  { title: 'events', via: 'events', lasts: true, lifetime: 3 },
  { title: 'poll', via: 'poll', settings: POLL, lasts: true, lifetime: 3 },
  { title: 'poll over HTTP', via: 'poll-http', settings: POLL_HTTP, lasts: true, lifetime: 3 },
  { title: 'post-login script', via: 'postlogin', lasts: false, lifetime: 8 },
]

interface Seen {
  readonly rows: LoginCells
  /** What clients heard that were never to be permitted, by what they had done. */
  readonly shut: Readonly<Record<string, string>>
  /** IDLE from a revoked address: after the revocation, and after a new login. */
  readonly revoked: readonly string[]
}

class Scene {
  readonly way: DovecotWay
  readonly site: LoginSite
  readonly dovecot: Dovecot

  private constructor(way: DovecotWay, site: LoginSite, dovecot: Dovecot) {
    this.way = way
    this.site = site
    this.dovecot = dovecot
  }

  static async open(way: DovecotWay, report: string): Promise<Scene> {
    const site = await LoginSite.open({
      binds: [...DOVECOT_BINDS, [report, '/usr/sbin/drac-report']],
      prepare: async (namespace) => {
        writeFileSync(
          join(namespace.folder, 'etc/drac/dracd.toml'),
          `lifetime = "${way.lifetime}s"\n${SETTINGS}${way.settings ?? ''}`,
        )
        writeSecret(namespace, TOKEN_FILE, TOKEN)
        writeSecret(namespace, KEY_FILE, TOKEN)
      },
    })
    try {
      return new Scene(way, site, await Dovecot.start(site.namespace, await setUp(site.namespace, way.via)))
    } catch (error) {
      await site.close()
      throw error
    }
  }

  async observe(): Promise<Seen> {
    try {
      const { site } = this
      if (this.way.settings)
        await until('polls to succeed', () => site.dracd.log().includes('"event":"poll-recovered"'))
      const everybody = [5, 6, 7, 9].flatMap((n) => [`192.0.2.${n}`, `2001:db8::${n}`])
      expect(await Promise.all(everybody.map((client) => site.ask(client)))).toEqual(everybody.map(() => '554'))
      const [rows, shut] = await this.#logins()
      return {
        rows: { ...rows, ...(await this.#troubles()) },
        shut: { ...shut, ...(await this.#wrongToken()) },
        revoked: this.#revoked,
      }
    } catch (error) {
      throw new Error(`${this.way.title}: ${error}\n${this.site.logs()}\n${this.dovecot.log()}`, { cause: error })
    } finally {
      await this.site.close()
    }
  }

  #revoked: string[] = []

  async #logins(): Promise<[LoginCells, Record<string, string>]> {
    const { site } = this
    const { namespace } = site
    site.namespace.exec('doveadm', ['auth', 'test', '-x', 'rip=2001:db8::9', '-x', 'service=imap', 'alice', PASSWORD])
    const [, v4, v6, pop4, pop6, mapped] = await Promise.all([
      this.#fail(),
      this.#idle('192.0.2.5'),
      this.#idle('2001:db8::5'),
      this.#claim('192.0.2.9', '192.0.2.7'),
      this.#pop('2001:db8::6'),
      this.#throughProxy('::ffff:192.0.2.6'),
    ])
    const began = now()
    const opened = ['192.0.2.5', '2001:db8::5', '192.0.2.9', '2001:db8::6', '192.0.2.6']
    const heard = await Promise.all(opened.map((client) => this.#permitted(client)))
    const shut = {
      'failed IMAP login, and claimed by a stranger': await site.ask('192.0.2.7'),
      'failed POP3 login': await site.ask('2001:db8::7'),
      'doveadm auth test': await site.ask('2001:db8::9'),
      'the proxy': await site.ask(PROXY),
    }
    await Promise.all([pop4.logout(), pop6.logout(), mapped.logout()])
    const [lasting] = await Promise.all([this.#lasting(v4, began), this.#revoke(v6, namespace)])
    const rows = {
      'login v4': same([heard[0]!, heard[2]!]),
      'login v6': same([heard[1]!, heard[3]!]),
      'login mapped': heard[4]!,
      'failed login': same([shut['failed IMAP login, and claimed by a stranger'], shut['failed POP3 login']]),
      ...lasting,
    }
    return [rows, shut]
  }

  /** What a client hears once dracd has heard of it. */
  async #permitted(client: string): Promise<string> {
    const { dracd } = this.site
    await until(`dracd to hear of ${client}`, async () => (await dracd.show(client)).action === 'permit')
    return this.site.ask(client)
  }

  async #lasting(session: ImapSession, began: number): Promise<LoginCells> {
    const { site } = this
    const client = '192.0.2.5'
    await site.past(began + this.way.lifetime + 1)
    const connected = await site.ask(client)
    const left = now()
    await session.logout()
    await until('the end of the session', async () => (await site.dracd.show(client)).sessions.length === 0)
    const expires = (await site.dracd.show(client)).authorizations[0]?.expires_at
    if (this.way.lasts) expect(expires).toBeGreaterThanOrEqual(left + this.way.lifetime)
    await site.past(expires ?? 0)
    return { 'connected past the lifetime': connected, 'one lifetime after logout': await site.ask(client) }
  }

  async #revoke(session: ImapSession, namespace: Namespace): Promise<void> {
    const { site } = this
    const client = '2001:db8::5'
    if (this.way.lasts) {
      await site.dracd.revoke(client)
      const revoked = now()
      await site.past(revoked + this.way.lifetime)
      this.#revoked = [await site.ask(client)]
      const again = await PopSession.open(namespace, client)
      expect(await again.login('alice', PASSWORD)).toBe(true)
      this.#revoked.push(await this.#permitted(client))
      await again.logout()
    }
    session.abort()
  }

  /** Dovecot lets its users in whatever has become of dracd; how long they wait is printed. */
  async #troubles(): Promise<LoginCells> {
    const { dracd } = this.site
    await this.#timed('up')
    await dracd.stop()
    const down = await this.#timed('down')
    await dracd.run()
    dracd.stall()
    const hangs = await this.#timed('hangs')
    dracd.resume()
    return { 'server login while dracd is down': down, 'server login while dracd hangs': hangs }
  }

  async #timed(state: string): Promise<string> {
    const imap = await ImapSession.open(this.site.namespace, '192.0.2.9')
    const pop = await PopSession.open(this.site.namespace, '2001:db8::9')
    const logins = [imap, pop].map(async (session) => {
      const before = performance.now()
      const entered = await session.login('alice', PASSWORD)
      return { entered, ms: Math.round(performance.now() - before) }
    })
    const [one, other] = await Promise.all(logins)
    console.log(`Dovecot, ${this.way.title}, dracd ${state}: IMAP login in ${one!.ms} ms, POP3 in ${other!.ms} ms`)
    imap.abort()
    pop.abort()
    return one!.entered && other!.entered ? 'ok' : 'refused'
  }

  /** Dovecot goes on with a token that dracd has changed. */
  async #wrongToken(): Promise<Record<string, string>> {
    if (this.way.via !== 'policy' && this.way.via !== 'events') return {}
    const { site, dovecot } = this
    writeSecret(site.namespace, TOKEN_FILE, `${TOKEN}-changed`)
    site.dracd.reload()
    await until('the new token', () => site.dracd.log().includes('"event":"reloaded"'))
    const pop = await this.#pop('2001:db8::7')
    await until('Dovecot to be refused', () => /\b401\b/.test(dovecot.log()))
    await pop.logout()
    return { 'login, wrong token': await site.ask('2001:db8::7') }
  }

  async #fail(): Promise<void> {
    const [imap, pop] = await Promise.all([
      ImapSession.open(this.site.namespace, '192.0.2.7'),
      PopSession.open(this.site.namespace, '2001:db8::7'),
    ])
    expect(await Promise.all([imap.login('alice', 'wrong'), pop.login('alice', 'wrong')])).toEqual([false, false])
    imap.abort()
    pop.abort()
  }

  async #idle(client: string): Promise<ImapSession> {
    const session = await ImapSession.open(this.site.namespace, client)
    expect(await session.login('alice', PASSWORD), client).toBe(true)
    await session.idle()
    return session
  }

  async #pop(client: string): Promise<PopSession> {
    const session = await PopSession.open(this.site.namespace, client)
    expect(await session.login('alice', PASSWORD), client).toBe(true)
    return session
  }

  /** A client that says it is another one; nobody asked it. */
  async #claim(client: string, claimed: string): Promise<PopSession> {
    const { namespace } = this.site
    const imap = await ImapSession.open(namespace, client)
    await imap.command(`ID ("x-originating-ip" "${claimed}")`)
    expect(await imap.login('alice', PASSWORD)).toBe(true)
    imap.abort()
    const pop = await PopSession.open(namespace, client)
    await pop.command(`XCLIENT ADDR=${claimed}`)
    expect(await pop.login('alice', PASSWORD)).toBe(true)
    return pop
  }

  async #throughProxy(claimed: string): Promise<ImapSession> {
    const session = await ImapSession.open(this.site.namespace, PROXY)
    await session.command(`ID ("x-originating-ip" "${claimed}")`)
    expect(await session.login('alice', PASSWORD)).toBe(true)
    return session
  }
}

const now = (): number => Math.floor(Date.now() / 1000)
const same = (codes: readonly string[]): string => [...new Set(codes)].join(', ')

function writeSecret(namespace: Namespace, file: string, secret: string): void {
  const path = join(namespace.folder, file)
  writeFileSync(path, `${secret}\n`)
  chmodSync(path, 0o640)
}

/** What `drac setup` prints, typed; the lines for dovecot.conf are returned. */
async function setUp(namespace: Namespace, via: string): Promise<string> {
  const { parts, commands } = await printSetup(namespace, { name: 'dovecot' }, via)
  let main = `login_trusted_networks = ${PROXY}\n`
  for (const { file, text } of parts) {
    if (file === '/etc/dovecot/dovecot.conf') main += text
    else namespace.exec('tee', [file], { input: text })
  }
  for (const command of commands) if (!/^(doveadm|systemctl) /.test(command)) namespace.exec('sh', ['-c', command])
  return main
}

describe.skipIf(skipping('dovecot.test.ts', 'gcc', 'dovecot', 'postfix', 'postfix-maps'))('Dovecot', () => {
  let report: string
  const seen = new Map<DovecotWay, Promise<Seen>>()

  beforeAll(() => {
    report = buildDracReport()
    for (const way of WAYS) {
      const observed = Scene.open(way, report).then((scene) => scene.observe())
      observed.catch(() => {})
      seen.set(way, observed)
    }
  })
  afterAll(async () => {
    await Promise.allSettled(seen.values())
    if (report) removeFolder(dirname(report))
  })

  describe.each(WAYS)('$title', (way) => {
    test(
      'what a login gives is what integrations/README.md says',
      async () => {
        const { rows } = await seen.get(way)!
        recordLogin({ server: DOVECOT, way: way.title, rows })
        expect(rows).toMatchObject({ 'login v4': '250', 'login v6': '250', 'login mapped': '250' })
        expect(rows).toEqual(saidOfLogin(DOVECOT, way.title))
      },
      PATIENCE,
    )

    test(
      'no other client is permitted: failed, claimed, tried by doveadm, refused for its token',
      async () => {
        const { shut } = await seen.get(way)!
        expect(Object.keys(shut).length).toBeGreaterThanOrEqual(4)
        for (const [who, code] of Object.entries(shut)) expect(code, who).toBe('554')
      },
      PATIENCE,
    )

    if (way.lasts)
      test(
        'who was revoked while connected is permitted again by the next login only',
        async () => {
          expect((await seen.get(way)!).revoked).toEqual(['554', '250'])
        },
        PATIENCE,
      )
  })
})

test('the page shows the files that are tried here', () => {
  const page = readFileSync('integrations/dovecot/README.md', 'utf8')
  for (const name of [
    'policy.conf',
    'events.conf',
    'poll.conf',
    'poll-http.conf',
    'postlogin.conf',
    'drac-postlogin',
  ]) {
    const text = readFileSync(`integrations/dovecot/${name}`, 'utf8').trim()
    expect(page).toContain(text.replaceAll(/^(?=.)/gm, '    '))
  }
})
