// A login on a real Cyrus, reported in each of the ways of its page, opens a real sendmail to that client: while somebody
// is connected, and no longer than one lifetime after. The ways run side by side, each in a namespace of its own.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder } from '../libdrac/toolchain.ts'
import { addCyrusUser, CYRUS_BINDS, PASSWORD, startCyrus } from './cyrus.ts'
import { buildDracReport } from './drac-report.ts'
import { LoginSite } from './login-site.ts'
import { type LoginCells, recordLogin, saidOfLogin } from './login-table.ts'
import { ImapSession, PopSession } from './mail-client.ts'
import type { Namespace } from './namespace.ts'
import { skipping } from './programs.ts'
import { sendmail } from './sendmail.ts'
import { type Plan, printSetup } from './setup.ts'
import { SYSLOG, Syslog } from './syslog.ts'
import { until } from './wait.ts'

const TITLE = 'Cyrus 3.6.1'
/** Seconds. */
const LIFETIME = 3
/** Longer than the idling client is looked at, so that nothing but its session keeps it authorized. */
const LEASE = 12
/** Longer than a login takes when it waits for nothing. */
const PATIENCE_MS = 2_000
/** What Cyrus lets a user be called, of what would break out of JSON, a dlist or a line of cyr_info. */
const HOSTILE = 'a","b\\") {3+} (NIL [192.0.2.66] c'
const USERS = ['alice', HOSTILE]

/**
 * Whose logins give nothing, and why: proxies, which log in for others, one that is a reporter itself and one that the
 * settings name; and anybody, where anonymous logins are allowed.
 */
const IGNORED = { '2001:db8::7': 'own-server', '2001:db8::8': 'exempt', '2001:db8::9': 'anonymous' } as const

const WAYS = { external: 'notify_external', dlist: 'dlist socket', poll: 'poll', log: 'log' } as const
type Way = keyof typeof WAYS

/** For a busy machine, in milliseconds: everything waits for conditions. */
const MINUTES = 180_000

interface Seen {
  readonly rows: LoginCells
  /** What else must hold, by what it is. */
  readonly holds: Readonly<Record<string, string | readonly string[]>>
  /** Milliseconds of a login in each state of dracd. */
  readonly times: Readonly<Record<string, number>>
}

/** As the manual says: the settings, the group and dracd. systemd and the log are not here. */
function prepare(namespace: Namespace, { settings, commands }: Plan): void {
  addCyrusUser(namespace)
  const toml = settings.join('\n').replace('interval = "5m"', 'interval = "1s"').replace('/var/log/mail.log', SYSLOG)
  writeFileSync(join(namespace.folder, 'etc/drac/dracd.toml'), `${toml}\n`)
  for (const command of commands)
    if (/^(groupadd|usermod) /.test(command)) namespace.exec('sh', ['-c', `${command} 2>&1`])
}

class Trial {
  readonly #way: Way
  readonly #site: LoginSite
  readonly #times: Record<string, number> = {}

  private constructor(way: Way, site: LoginSite) {
    this.#way = way
    this.#site = site
  }

  static async open(way: Way, report: string): Promise<Trial> {
    let plan: Plan | undefined
    const site = await LoginSite.open({
      mta: sendmail,
      binds: [...CYRUS_BINDS, [report, '/usr/sbin/drac-report']],
      dracd: {
        set: {
          lifetime: `"${LIFETIME}s"`,
          session_lease: `"${LEASE}s"`,
          trusted_clients: '["127.0.0.1", "::1", "2001:db8::7"]',
          exempt_networks: '["2001:db8::8"]',
        },
      },
      prepare: async (namespace) => {
        plan = await printSetup(namespace, { name: 'cyrus' }, way)
        prepare(namespace, plan)
        if (way === 'log') await Syslog.start(namespace)
      },
    })
    try {
      await startCyrus(site.namespace, plan!.parts.map(({ text }) => text).join(''), USERS)
      return new Trial(way, site)
    } catch (error) {
      await site.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#site.close()
  }

  async run(): Promise<Seen> {
    const logins = await this.#logins()
    const [failed, { idle, hostile, connected, ...sessions }] = await Promise.all([
      this.#failedLogin(),
      this.#sessions(),
    ])
    const logout = await this.#logout(idle)
    hostile.abort()
    const troubles = await this.#troubles()
    const pop = await this.#site.hears('192.0.2.8', '550')
    return {
      rows: {
        ...logins,
        'failed login': failed,
        'connected past the lifetime': connected,
        'one lifetime after logout': logout,
        ...troubles,
      },
      holds: { ...sessions, 'POP3 without QUIT, in the end': pop },
      times: this.#times,
    }
  }

  async #logins(): Promise<LoginCells> {
    const clients = ['192.0.2.5', '2001:db8::5', '192.0.2.6', '2001:db8::6', '192.0.2.7', '192.0.2.8', '192.0.2.9']
    await Promise.all(clients.map((client) => this.#site.hears(client, '550')))
    const imap = await this.#imap('192.0.2.5')
    const imap6 = await this.#imap('2001:db8::5')
    const pop6 = await this.#pop('2001:db8::6')
    const heard = await Promise.all(['192.0.2.5', '2001:db8::5', '2001:db8::6'].map((client) => this.#hears(client)))
    expect(heard[2]).toBe(heard[1])
    await Promise.all([imap.logout(), imap6.logout(), pop6.logout()])
    return { 'login v4': heard[0]!, 'login v6': heard[1]! }
  }

  /** Cyrus takes three seconds to say no. */
  async #failedLogin(): Promise<string> {
    const session = await ImapSession.open(this.#site.namespace, '192.0.2.6')
    expect(await session.login('alice', 'wrong')).toBe(false)
    const code = await this.#site.ask('192.0.2.6')
    session.abort()
    return code
  }

  /** Who stays connected, who leaves without a word, and who is revoked meanwhile. */
  async #sessions() {
    const idle = await this.#imap('192.0.2.7')
    await idle.idle()
    const ignored = await this.#ignored()
    const pop = await this.#pop('192.0.2.8')
    const hostile = await this.#imap('192.0.2.9', HOSTILE)
    await Promise.all(['192.0.2.7', '192.0.2.8', '192.0.2.9'].map((client) => this.#hears(client)))
    const began = Math.floor(Date.now() / 1000)
    pop.abort()
    const { sessions } = await this.#site.dracd.show('192.0.2.9')
    const authorized = await this.#site.dracd.authorized()
    await this.#site.dracd.revoke('192.0.2.9')
    await this.#site.past(began + LIFETIME + 1)
    return {
      idle,
      hostile,
      connected: await this.#site.ask('192.0.2.7'),
      ...ignored,
      'revoked during IDLE': await this.#site.ask('192.0.2.9'),
      'hostile user': sessions.map(({ user }) => user ?? ''),
      'authorized by the name of a user': authorized.filter((address) => address === '192.0.2.66'),
    }
  }

  /** What `drac show` says of each, and what it hears. In two ways nobody hears of anonymous clients. */
  async #ignored(): Promise<Record<string, string>> {
    const sessions = await Promise.all([
      this.#imap('2001:db8::7'),
      this.#imap('2001:db8::8'),
      this.#anonymous('2001:db8::9'),
    ])
    const seen: Record<string, string> = {}
    for (const [client, why] of Object.entries(IGNORED)) {
      const unlisted = why === 'anonymous' && (this.#way === 'poll' || this.#way === 'log')
      const unstored = async () => (await this.#site.dracd.show(client)).unstored ?? (unlisted && { reason: 'nothing' })
      const { reason } = await until(`the login of ${client}`, unstored)
      seen[client] = `${reason} ${await this.#site.ask(client)}`
    }
    await Promise.all(sessions.map((session) => session.logout()))
    return seen
  }

  async #logout(session: ImapSession): Promise<string> {
    const left = Math.floor(Date.now() / 1000)
    await session.logout()
    const { authorizations } = await until('the end of the session', async () => {
      const view = await this.#site.dracd.show('192.0.2.7')
      return view.sessions.length === 0 && view
    })
    const { expires_at } = authorizations[0]!
    expect(expires_at).toBeGreaterThanOrEqual(left + LIFETIME)
    await this.#site.past(expires_at)
    return this.#site.ask('192.0.2.7')
  }

  async #troubles(): Promise<LoginCells> {
    await this.#timed('dracd up', '192.0.2.5')
    await this.#site.dracd.stop()
    const down = await this.#timed('dracd down', '192.0.2.6')
    await this.#site.dracd.run()
    this.#site.dracd.stall()
    const hangs = this.#timed('dracd hangs', '2001:db8::9')
    const waits = new Promise<string>((resolve) => setTimeout(() => resolve('waits'), PATIENCE_MS))
    const cell = await Promise.race([hangs, waits])
    this.#site.dracd.resume()
    expect(await hangs).toBe('ok')
    await this.#hears('2001:db8::9')
    return { 'server login while dracd is down': down, 'server login while dracd hangs': cell }
  }

  async #timed(what: string, client: string): Promise<string> {
    const session = await ImapSession.open(this.#site.namespace, client)
    const before = performance.now()
    const entered = await session.login('alice', PASSWORD)
    this.#times[what] = Math.round(performance.now() - before)
    return entered ? 'ok' : 'refused'
  }

  async #anonymous(client: string): Promise<ImapSession> {
    const session = await ImapSession.open(this.#site.namespace, client)
    expect(await session.login('anonymous', 'x@example.org')).toBe(true)
    return session
  }

  async #imap(client: string, user = 'alice'): Promise<ImapSession> {
    const session = await ImapSession.open(this.#site.namespace, client)
    expect(await session.authenticate(user, PASSWORD), client).toBe(true)
    return session
  }

  async #pop(client: string): Promise<PopSession> {
    const session = await PopSession.open(this.#site.namespace, client)
    expect(await session.login('alice', PASSWORD), client).toBe(true)
    return session
  }

  #hears = (client: string): Promise<string> => this.#site.hears(client, '250')
}

describe.skipIf(skipping('cyrus.test.ts', 'gcc', 'cyrus', 'sendmail', 'rsyslog'))('Cyrus', () => {
  const trials: Trial[] = []
  const seen = {} as Record<Way, Promise<Seen>>
  let report: string

  beforeAll(() => {
    report = buildDracReport()
    for (const way of Object.keys(WAYS) as Way[]) {
      seen[way] = Trial.open(way, report).then((trial) => {
        trials.push(trial)
        return trial.run()
      })
      seen[way].catch(() => {})
    }
  })
  afterAll(async () => {
    await Promise.allSettled(Object.values(seen))
    await Promise.all(trials.map((trial) => trial.close()))
    removeFolder(dirname(report))
  }, MINUTES)

  describe.each(Object.entries(WAYS) as [Way, string][])('%s', (way, title) => {
    test(
      'the rows of the table',
      async () => {
        const { rows, times } = await seen[way]
        for (const [state, ms] of Object.entries(times)) console.log(`Cyrus, ${title}, ${state}: login in ${ms} ms`)
        recordLogin({ server: TITLE, way: title, rows })
        expect(rows).toEqual(saidOfLogin(TITLE, title))
      },
      MINUTES,
    )

    test(
      'proxies, anybody, a revoked client that stays connected, a POP3 client that is cut off, a user with an evil name',
      async () => {
        expect((await seen[way]).holds).toEqual({
          ...Object.fromEntries(Object.entries(IGNORED).map(([client, reason]) => [client, `${reason} 550`])),
          ...(way === 'poll' || way === 'log' ? { '2001:db8::9': 'nothing 550' } : {}),
          'revoked during IDLE': '550',
          // cyr_info tells no names with spaces from what follows them.
          'hostile user': [way === 'poll' ? HOSTILE.split(' ')[0] : HOSTILE],
          'authorized by the name of a user': [],
          'POP3 without QUIT, in the end': '550',
        })
      },
      MINUTES,
    )
  })

  test('the page shows what was tried', () => {
    const page = readFileSync('integrations/cyrus/README.md', 'utf8')
    for (const name of ['external.conf', 'dlist.conf'])
      expect(page).toContain(readFileSync(`integrations/cyrus/${name}`, 'utf8').trim().replaceAll(/^/gm, '    '))
  })
})
