// Starts store-child.ts, talks to it, and sees to its end.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StoreHealth } from '../../src/core/authorization-store.ts'

export type Command =
  | { readonly type: 'put'; readonly key: string }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'load'; readonly writers: number; readonly round: number; readonly log: string }
  | { readonly type: 'fill' }
  | { readonly type: 'close' }
export type Event =
  | { readonly type: 'open'; readonly health: StoreHealth }
  | { readonly type: 'health'; readonly health: StoreHealth }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'put'; readonly key: string; readonly code: string }
  | { readonly type: 'got'; readonly key: string; readonly found: boolean; readonly code: string }
  | { readonly type: 'filled'; readonly count: number; readonly code: string }

const CHILD = fileURLToPath(new URL('./store-child.ts', import.meta.url))
const DEADLINE_MS = 60_000

export class StoreProcess {
  readonly child: ChildProcess
  readonly #events: Event[] = []
  readonly #arrived = new Set<() => void>()

  /** @param wrap a program and its arguments that are to start the child: `unshare`, say */
  constructor(options: Record<string, unknown>, spawnOptions: SpawnOptions = {}, wrap: readonly string[] = []) {
    const [program, ...args] = [...wrap, process.execPath, CHILD, JSON.stringify(options)]
    this.child = spawn(program!, args, { ...spawnOptions, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.child.on('message', (event: Event) => {
      this.#events.push(event)
      for (const arrived of this.#arrived) arrived()
    })
  }

  send(command: Command): void {
    this.child.send(command)
  }

  /** The next event that fits, leaving aside those before it. */
  async event<T extends Event['type']>(
    type: T,
    fits: (event: Extract<Event, { type: T }>) => boolean = () => true,
  ): Promise<Extract<Event, { type: T }>> {
    const deadline = Date.now() + DEADLINE_MS
    for (;;) {
      for (let event = this.#events.shift(); event; event = this.#events.shift()) {
        if (event.type === type && fits(event as never)) return event as never
      }
      if (Date.now() > deadline || this.child.exitCode !== null) throw new Error(`no ${type} event from the child`)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          this.#arrived.delete(done)
          this.child.off('exit', done)
          resolve()
        }
        const timer = setTimeout(done, 1000)
        this.#arrived.add(done)
        this.child.on('exit', done)
      })
    }
  }

  /** True when the put was answered with success. */
  async put(key: string): Promise<boolean> {
    this.send({ type: 'put', key })
    return (await this.event('put')).code === ''
  }

  async get(key: string): Promise<boolean | string> {
    this.send({ type: 'get', key })
    const { found, code } = await this.event('got')
    return code === '' ? found : code
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const closed = once(this.child, 'close')
    this.child.kill('SIGKILL')
    await closed
  }

  async close(): Promise<void> {
    const closed = once(this.child, 'close')
    this.send({ type: 'close' })
    await closed
  }
}
