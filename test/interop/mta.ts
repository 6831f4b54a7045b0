// A mail server under test: what it is, its configuration, and the running one.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENV, type Namespace } from './namespace.ts'
import type { Needed } from './programs.ts'
import { greets } from './smtp.ts'
import { until } from './wait.ts'

export const FAMILIES = { IPv4: '192.0.2.', IPv6: '2001:db8::' } as const
export type Family = keyof typeof FAMILIES

/** One mail server, the same for all its ways. */
export interface Server {
  /** as the table names it */
  readonly title: string
  /** as `drac setup` names it */
  readonly name: string
  readonly needs: readonly Needed[]
  /** Writes the configuration as an administrator has it before drac. */
  configure(namespace: Namespace): void
  /** Where `drac setup --write` finds what is not installed but unpacked; left out: nothing can be written, only printed. */
  readonly write?: { readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv }
  /** @param printed the text that `drac setup` printed, where it writes nothing */
  start(namespace: Namespace, printed: string): Promise<Mta>
}

const OUTPUT = 'mta.log'
/** A server that logs to a file is told /run/drac/ and this name. */
export const LOG = 'mail.log'

interface StartOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly families?: readonly Family[]
  readonly port?: number
}

export class Mta {
  readonly #folder: string
  readonly #child: ChildProcess

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder
    this.#child = child
  }

  /** @param command a program that stays in the foreground; @param families it greets these, on `port` */
  static async start(
    namespace: Namespace,
    command: string,
    args: readonly string[],
    { env = {}, families = ['IPv4', 'IPv6'], port = 25 }: StartOptions = {},
  ): Promise<Mta> {
    const descriptor = openSync(join(namespace.folder, OUTPUT), 'a')
    const stdio = ['ignore', descriptor, descriptor] as const
    const child: ChildProcess = namespace.spawnServer(command, args, {
      stdio: [...stdio],
      env: { ...ENV, ...env },
    })
    closeSync(descriptor)
    const mta = new Mta(namespace.folder, child)
    await until('the mail server to greet', () => {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${mta.log()}`)
      return greets(
        namespace,
        families.map((family) => `${FAMILIES[family]}9`),
        port,
      )
    })
    return mta
  }

  /** Ends it, and all that it started. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  /** What it wrote to its standard output and error, or to a log of its own, for a failure's message. */
  log(): string {
    const files = [OUTPUT, LOG].map((name) => join(this.#folder, name)).filter((path) => existsSync(path))
    return files.map((path) => readFileSync(path, 'utf8').slice(-4000)).join('')
  }
}
