// A server, attackers beside it, and a good client: what became of the good one, and of the server's memory.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack, Ports } from './attacks.ts'
import { at, beGood, type Served } from './good-client.ts'

export interface Outcome extends Served {
  /** MB that the server has grown by while it was attacked. */
  readonly growth: number
}

export class Siege {
  readonly ports: Ports
  readonly #server: ChildProcess

  private constructor(server: ChildProcess, ports: Ports) {
    this.#server = server
    this.ports = ports
  }

  static async begin(): Promise<Siege> {
    const server = fork(resolve('test/hostile/server.ts'), { execArgv: ['--expose-gc'] })
    const [ports] = await once(server, 'message')
    const siege = new Siege(server, ports as Ports)
    await beGood(siege.ports, 1_000) // compiled and grown to its size
    return siege
  }

  /** Attacks for a while, then is good beside it for `ms`. */
  async withstand(attacks: readonly Attack[], ms: number): Promise<Outcome> {
    const before = await this.#memory()
    const attacker = fork(resolve('test/hostile/attacker.ts'), [JSON.stringify(this.ports), ...attacks])
    await once(attacker, 'message')
    await sleep(500)
    const served = await beGood(this.ports, ms)
    const growth = (await this.#memory()) - before
    attacker.kill('SIGKILL')
    await once(attacker, 'exit')
    return { ...served, growth }
  }

  get alive(): boolean {
    return this.#server.exitCode === null && this.#server.signalCode === null
  }

  end(): void {
    this.#server.kill('SIGKILL')
  }

  async #memory(): Promise<number> {
    this.#server.send('memory')
    const [message] = await once(this.#server, 'message')
    return (message as { rss: number }).rss
  }
}

/** One line for each way that the good client went: how many, p50 and p99 in ms. */
export const lines = ({ latencies }: Served): string[] =>
  Object.entries(latencies).map(
    ([way, all]) =>
      `${way.padEnd(22)} ${String(all.length).padStart(6)} answered, p50 ${at(0.5, all).toFixed(1)} ms, p99 ${at(0.99, all).toFixed(1)} ms`,
  )
