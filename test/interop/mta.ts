// A mail server under test: started until it greets, stopped until its port is free.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENV, type Namespace } from './namespace.ts'
import { greets } from './smtp.ts'
import { until } from './wait.ts'

export class Mta {
  readonly #namespace: Namespace
  readonly #child: ChildProcess
  readonly #log: string

  private constructor(namespace: Namespace, child: ChildProcess, log: string) {
    this.#namespace = namespace
    this.#child = child
    this.#log = log
  }

  /** @param env added to the environment; @param command a program that stays in the foreground */
  static async start(
    namespace: Namespace,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Mta> {
    const log = join(namespace.folder, 'mta.log')
    const descriptor = openSync(log, 'a')
    const stdio = ['ignore', descriptor, descriptor] as const
    const child = namespace.spawnServer(command, args, { stdio: [...stdio], env: { ...ENV, ...env } })
    closeSync(descriptor)
    const mta = new Mta(namespace, child, log)
    await until('the mail server to greet', () => {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${mta.log()}`)
      return greets(namespace)
    })
    return mta
  }

  /** What it wrote to its standard output and error, for a failure's message. */
  log(): string {
    return readFileSync(this.#log, 'utf8')
  }

  /** Ends it and all its children. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL')
      await once(this.#child, 'exit')
    }
    await until('port 25 to be free', async () => !(await greets(this.#namespace)))
  }
}
