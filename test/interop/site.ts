// One way at work: a namespace with dracd and a mail server that was set up to ask it, and what clients hear there.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildDracCall } from './drac-call.ts'
import { Dracd } from './dracd.ts'
import { FAMILIES, type Family, type Mta } from './mta.ts'
import { Namespace } from './namespace.ts'
import { type Plan, prepareFiles, printSetup, writeSetup } from './setup.ts'
import { askRelay, LOCAL, REMOTE, SmtpSession } from './smtp.ts'
import { until } from './wait.ts'
import { familiesOf, type Way } from './ways.ts'

/** An SMTP reply code; `closed` without one; `waits` for none in the time that is given. */
export type Code = string
const codeOf = (code: number): Code => (code === 0 ? 'closed' : String(code))

function within(seconds: number, answer: Promise<Code>): Promise<Code> {
  return Promise.race([answer, new Promise<Code>((resolve) => setTimeout(() => resolve('waits'), seconds * 1000))])
}

export class Site {
  readonly way: Way
  readonly dracd: Dracd
  readonly #namespace: Namespace
  readonly #mta: Mta
  readonly #program: string

  private constructor(way: Way, namespace: Namespace, dracd: Dracd, mta: Mta, program: string) {
    this.way = way
    this.dracd = dracd
    this.#namespace = namespace
    this.#mta = mta
    this.#program = program
  }

  static async open(way: Way): Promise<Site> {
    const program = await buildDracCall()
    const namespace = await Namespace.open()
    try {
      const { dracd, plan } = await startDracd(namespace, way)
      await writeSetup(namespace, way.server, way.via)
      const mta = await way.server.start(namespace, plan.parts[0]?.text ?? '')
      return new Site(way, namespace, dracd, mta, program)
    } catch (error) {
      await namespace.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#namespace.close()
  }

  /** What the servers wrote, for a failure's message. */
  logs(): string {
    return `${this.#mta.log()}\n${this.dracd.log()}`.slice(-6000)
  }

  /** As the test's file system sees a path of /etc. */
  path(path: string): string {
    if (!path.startsWith('/etc/')) throw new Error(`${path} is not in /etc`)
    return join(this.#namespace.folder, path)
  }

  /** Client `n` of every family, at the same time. */
  async each<T>(n: number, ask: (client: string) => Promise<T>): Promise<Map<Family, T>> {
    const families = familiesOf(this.way)
    const answers = await Promise.all(families.map((family) => ask(`${FAMILIES[family]}${n}`)))
    return new Map(families.map((family, i) => [family, answers[i]!]))
  }

  /** A login reported by the C client. */
  login(client: string): void {
    const addstat = this.dracd.report(this.#program, client)
    if (addstat !== 0) throw new Error(`the login of ${client} was answered ${addstat}`)
  }

  /** A new session's question about a recipient elsewhere. */
  async ask(client: string): Promise<Code> {
    return codeOf((await askRelay(this.#namespace, client)).code)
  }

  async askLocal(client: string): Promise<Code> {
    return codeOf((await askRelay(this.#namespace, client, LOCAL)).code)
  }

  /** The same as `ask`, of a server that may not answer while dracd hangs. */
  async askOrWait(client: string): Promise<Code> {
    if (!this.way.waits) return this.ask(client)
    const session = await this.open(client)
    const answer = session.ask()
    void answer.finally(() => session.close()).catch(() => {})
    return within(3, answer)
  }

  /** Of a server that may not even greet, about a recipient elsewhere or a local one. */
  askWithin20(client: string, local = false): Promise<Code> {
    const answer = local ? this.askLocal(client) : this.ask(client)
    answer.catch(() => {})
    return within(20, answer)
  }

  /** Until new sessions of that client may, or may not, relay. */
  async settled(client: string, may: boolean): Promise<void> {
    await until(`${client} ${may ? 'to be permitted' : 'not to be permitted'}`, async () => {
      return ((await this.ask(client)) === '250') === may
    })
  }

  /** A session that stays open. */
  async open(client: string): Promise<OpenSession> {
    return new OpenSession(await SmtpSession.open(this.#namespace, client))
  }
}

/** In the order of the manual: settings, dracd, the files that the mail server is to read, its configuration. */
async function startDracd(namespace: Namespace, way: Way): Promise<{ dracd: Dracd; plan: Plan }> {
  const settings = (lines: string): void => writeFileSync(join(namespace.folder, 'etc/drac/dracd.toml'), lines)
  settings(way.settings ?? '')
  way.server.configure(namespace)
  const plan = await printSetup(namespace, way.server, way.via)
  if (way.dbfile === undefined) settings(`${way.settings ?? ''}\n${plan.settings.join('\n')}\n`)
  const dracd = await Dracd.start(namespace, way.dbfile === undefined ? {} : { dbfile: way.dbfile })
  const { file, fileGroup } = way
  if (file) await until(`${file} to be written`, () => existsSync(join(namespace.folder, file)))
  prepareFiles(namespace, plan.commands)
  if (file && fileGroup) namespace.exec('chgrp', [fileGroup, file])
  return { dracd, plan }
}

export class OpenSession {
  readonly #session: SmtpSession

  constructor(session: SmtpSession) {
    this.#session = session
  }

  async ask(): Promise<Code> {
    return codeOf((await this.#session.rcpt(REMOTE)).code)
  }

  /** @param wait until it is `may`; without it, asked once */
  async sees(may: boolean, wait: boolean): Promise<Code> {
    let code = await this.ask()
    const saw = async (): Promise<boolean> => {
      code = await this.ask()
      return (code === '250') === may
    }
    if (wait) await until(`the open session to ${may ? '' : 'not '}relay`, saw)
    return code
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
