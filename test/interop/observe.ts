// What would-be relays hear from one mail server, asked one way, in every state that dracd can be in.
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import type { Family } from './mta.ts'
import { type Code, type OpenSession, Site } from './site.ts'
import { until } from './wait.ts'
import type { Way } from './ways.ts'

/** Who asks, in which state: the lines of the table. */
export const ROWS = [
  'logged in',
  'never logged in',
  'expired',
  'revoked',
  'login, open session',
  'revoked, open session',
  'stopped: logged in',
  'stopped: never logged in',
  'killed: logged in',
  'killed: never logged in',
  'killed: expired since',
  'killed, maps emptied: logged in',
  'back, session that first asked meanwhile',
  'back, session that had asked before',
  'hangs: logged in',
  'hangs: never logged in',
  'map missing: logged in',
  'map missing: never logged in',
  'map empty: logged in',
  'map empty: never logged in',
  'map garbage: logged in',
  'map garbage: never logged in',
  'local mail',
] as const
export type Row = (typeof ROWS)[number]

/** Codes by address family. Rows about the map only for ways that read one. */
export type Seen = ReadonlyMap<Row, ReadonlyMap<Family, Code>>

/** The number that clients of both families end with, by what they are. */
const CLIENT = { member: 5, stranger: 6, expired: 7, revoked: 8, open: 9 } as const

export async function observe(way: Way): Promise<Seen> {
  const site = await Site.open(way)
  try {
    const observer = new Observer(site)
    await observer.logins()
    await observer.openSessions()
    await observer.stop()
    await observer.kill()
    await observer.hang()
    if (way.file) await observer.damage(site.path(way.file))
    return observer.seen()
  } catch (error) {
    throw new Error(`${way.server.title}, ${way.title}: ${error}\n${site.logs()}`, { cause: error })
  } finally {
    await site.close()
  }
}

class Observer {
  readonly #site: Site
  readonly #seen = new Map<Row, ReadonlyMap<Family, Code>>()
  /** Answers about local recipients other than 250, with the state. */
  readonly #local = new Map<Family, Set<string>>()

  constructor(site: Site) {
    this.#site = site
  }

  seen(): Seen {
    const local = [...this.#local].map(([family, codes]) => [family, [...codes].join(', ')] as const)
    return new Map([...this.#seen, ['local mail', new Map(local)]])
  }

  async logins(): Promise<void> {
    await this.#permitted(CLIENT.member)
    await this.#hear('logged in', CLIENT.member)
    await this.#hear('never logged in', CLIENT.stranger)
    await this.#permitted(CLIENT.revoked)
    await this.#refused(CLIENT.revoked, (client) => this.#site.dracd.revoke(client))
    await this.#hear('revoked', CLIENT.revoked)
    await this.#permittedFor(3, CLIENT.expired)
    await this.#refused(CLIENT.expired)
    await this.#hear('expired', CLIENT.expired)
    await this.#hearLocal('')
  }

  /** One session is opened before the login, another before the revocation. */
  async openSessions(): Promise<void> {
    const site = this.#site
    const wait = site.way.seesInSession
    const before = await site.each(CLIENT.open, async (client) => {
      const session = await site.open(client)
      const first = await session.ask()
      if (first === '250') throw new Error(`${client} may relay before its login`)
      site.login(client)
      await site.settled(client, true)
      const code = await session.sees(true, wait)
      await session.close()
      return code
    })
    this.#seen.set('login, open session', before)
    const after = await site.each(CLIENT.open, async (client) => {
      const session = await site.open(client)
      await session.sees(true, wait)
      await site.dracd.revoke(client)
      await site.settled(client, false)
      const code = await session.sees(false, wait)
      await session.close()
      return code
    })
    this.#seen.set('revoked, open session', after)
  }

  async stop(): Promise<void> {
    const { dracd } = this.#site
    await this.#permitted(CLIENT.member)
    const status = await dracd.stop()
    if (status !== 0) throw new Error(`dracd ended with ${status}`)
    await this.#hearBoth('stopped')
    await dracd.run()
    await this.#permitted(CLIENT.member)
  }

  async kill(): Promise<void> {
    const site = this.#site
    const fresh = await site.each(CLIENT.member, (client) => site.open(client))
    const used = await site.each(CLIENT.member, async (client) => {
      const session = await site.open(client)
      await session.ask()
      return session
    })
    const expiry = await this.#permittedFor(6, CLIENT.revoked)
    await site.dracd.kill()
    await until('the short login to expire', () => Date.now() > expiry)
    const meanwhile = [...fresh.values(), ...used.values()].map((session) => session.ask())
    await Promise.all([this.#hearBoth('killed'), this.#hear('killed: expired since', CLIENT.revoked), ...meanwhile])
    if (site.way.reads === 'file') {
      await site.dracd.emptyMaps()
      await this.#hear('killed, maps emptied: logged in', CLIENT.member)
    }
    await site.dracd.run()
    await site.each(CLIENT.member, (client) => site.settled(client, true))
    this.#seen.set('back, session that first asked meanwhile', await lastAnswers(fresh))
    this.#seen.set('back, session that had asked before', await lastAnswers(used))
  }

  async hang(): Promise<void> {
    const site = this.#site
    site.dracd.stall()
    try {
      await this.#hearLocal('hangs')
      await Promise.all([
        this.#hear('hangs: logged in', CLIENT.member, (client) => site.askOrWait(client)),
        this.#hear('hangs: never logged in', CLIENT.stranger, (client) => site.askOrWait(client)),
      ])
    } finally {
      site.dracd.resume()
    }
    await this.#refused(CLIENT.stranger)
  }

  /** dracd is killed, so that the map as it was holds who is logged in and nobody writes another. */
  async damage(path: string): Promise<void> {
    await this.#permitted(CLIENT.member)
    await this.#site.dracd.kill()
    const good = readFileSync(path)
    for (const [state, content] of DAMAGE) {
      replace(path, good)
      await this.#site.each(CLIENT.member, (client) => this.#site.settled(client, true))
      if (content === undefined) rmSync(path)
      else replace(path, content)
      await this.#hearBoth(`map ${state}`, (client, local) => this.#site.askWithin20(client, local))
    }
  }

  async #hear(row: Row, n: number, ask = this.#ask): Promise<void> {
    this.#seen.set(row, await this.#site.each(n, (client) => ask(client)))
  }

  async #hearBoth(state: 'stopped' | 'killed' | `map ${Damage}`, ask = this.#ask): Promise<void> {
    await Promise.all([
      this.#hear(`${state}: logged in`, CLIENT.member, ask),
      this.#hear(`${state}: never logged in`, CLIENT.stranger, ask),
      this.#hearLocal(state, ask),
    ])
  }

  readonly #ask: Ask = (client, local) => (local ? this.#site.askLocal(client) : this.#site.ask(client))

  async #hearLocal(state: string, ask = this.#ask): Promise<void> {
    for (const [family, code] of await this.#site.each(CLIENT.stranger, (client) => ask(client, true))) {
      const said = this.#local.get(family) ?? new Set()
      this.#local.set(family, said.add(code === '250' ? code : `${code} (${state})`))
    }
  }

  async #permitted(n: number): Promise<void> {
    await this.#site.each(n, async (client) => {
      this.#site.login(client)
      await this.#site.settled(client, true)
    })
  }

  /** When it ends at the latest, in ms since the epoch. */
  async #permittedFor(seconds: number, n: number): Promise<number> {
    await this.#site.each(n, (client) =>
      until(`a short permit of ${client} to be seen`, async () => {
        await this.#site.dracd.permit(client, seconds)
        return (await this.#site.ask(client)) === '250'
      }),
    )
    return Date.now() + (seconds + 1) * 1000
  }

  async #refused(n: number, by: (client: string) => Promise<void> = async () => {}): Promise<void> {
    await this.#site.each(n, async (client) => {
      await by(client)
      await this.#site.settled(client, false)
    })
  }
}

async function lastAnswers(sessions: ReadonlyMap<Family, OpenSession>): Promise<Map<Family, Code>> {
  const codes = new Map<Family, Code>()
  for (const [family, session] of sessions) {
    codes.set(family, await session.ask())
    await session.close()
  }
  return codes
}

type Ask = (client: string, local?: boolean) => Promise<Code>
type Damage = 'missing' | 'empty' | 'garbage'
const DAMAGE: readonly (readonly [Damage, string | undefined])[] = [
  ['missing', undefined],
  ['empty', ''],
  ['garbage', 'nothing of the kind\n'.repeat(1000)],
]

/** As dracd does: the old file stays whole for who has it open. Its time is a second that no other version has. */
function replace(path: string, content: string | Buffer): void {
  const second = Math.floor(Math.max(Date.now(), statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000) + 1
  writeFileSync(`${path}.new`, content)
  utimesSync(`${path}.new`, second, second)
  renameSync(`${path}.new`, path)
}
