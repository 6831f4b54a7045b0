// What a login on a POP or IMAP server gives: a namespace with dracd and an MTA that asks it, for a test to start the login
// server in.
import { Dracd, type DracdOptions } from './dracd.ts'
import type { Server } from './mta.ts'
import { Namespace, type NamespaceOptions } from './namespace.ts'
import { postfix } from './postfix.ts'
import { writeSetup } from './setup.ts'
import { askRelay } from './smtp.ts'
import { until } from './wait.ts'

const POSTFIX = postfix({ chroot: false })

export interface LoginSiteOptions extends NamespaceOptions {
  readonly dracd?: DracdOptions
  /** Left out: Postfix. */
  readonly mta?: Server
  /** Done in the namespace before dracd is started, which reads /etc/drac/dracd.toml. */
  readonly prepare?: (namespace: Namespace) => Promise<void>
}

export class LoginSite {
  readonly namespace: Namespace
  readonly dracd: Dracd
  readonly #logs: () => string

  private constructor(namespace: Namespace, dracd: Dracd, logs: () => string) {
    this.namespace = namespace
    this.dracd = dracd
    this.#logs = logs
  }

  /** Needs what its MTA needs. */
  static async open({
    dracd: options,
    mta: server = POSTFIX,
    prepare,
    ...rest
  }: LoginSiteOptions = {}): Promise<LoginSite> {
    const namespace = await Namespace.open(rest)
    try {
      server.configure(namespace)
      await prepare?.(namespace)
      const dracd = await Dracd.start(namespace, options)
      await writeSetup(namespace, server, 'socketmap')
      const mta = await server.start(namespace, '')
      return new LoginSite(namespace, dracd, () => mta.log())
    } catch (error) {
      await namespace.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.namespace.close()
  }

  /** What dracd and the MTA wrote, for a failure's message. */
  logs(): string {
    return `${this.#logs()}\n${this.dracd.log()}`.slice(-6000)
  }

  /** The SMTP code for a recipient elsewhere, asked now. */
  async ask(client: string): Promise<string> {
    return String((await askRelay(this.namespace, client)).code)
  }

  /** Until that client hears that code; for reports that nobody waits for. Returns the code, for the table. */
  hears(client: string, code: string): Promise<string> {
    return until(`${client} to hear ${code}`, async () => (await this.ask(client)) === code && code)
  }

  /** Until the clock, in whole seconds since the epoch, is past that second. */
  async past(second: number): Promise<void> {
    await until(`second ${second} to be over`, () => Math.floor(Date.now() / 1000) > second, 90)
  }
}
