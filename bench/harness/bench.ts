// What every section is handed: programs, daemons with tables of a size, yardsticks, and how long to measure.
import { join } from 'node:path'
import { end, readyWords, start } from './children.ts'
import { type Dracd, startDracd } from './dracd.ts'
import { fill } from './load.ts'
import type { Programs } from './programs.ts'

export interface Pace {
  readonly rounds: number
  readonly seconds: number
}

export interface DracPorts {
  readonly pid: number
  readonly udpPort: number
  readonly tcpPort: number
}

export interface Yardstick extends DracPorts {
  stop(): Promise<void>
}

/** One run of the bench. `folder` is on the checkout's disk: what is synced there is synced to a real one. */
export class Bench {
  readonly programs: Programs
  readonly folder: string
  readonly pace: Pace
  readonly #daemons = new Map<number, Promise<Dracd>>()
  #names = 0

  constructor(programs: Programs, folder: string, pace: Pace) {
    this.programs = programs
    this.folder = folder
    this.pace = pace
  }

  /** A path that nothing has used. */
  path(name: string): string {
    this.#names++
    return join(this.folder, `${this.#names}-${name}`)
  }

  /** A daemon whose table holds entries 0 to size-1; one for each size, kept until `close`. */
  daemonOf(size: number): Promise<Dracd> {
    const running = this.#daemons.get(size)
    if (running !== undefined) return running
    const starting = this.#startFilled(size)
    this.#daemons.set(size, starting)
    return starting
  }

  async #startFilled(size: number): Promise<Dracd> {
    const dracd = await startDracd({ stateDirectory: join(this.folder, `t${size}`), settings: ['lifetime=2h'] })
    const filled = await fill(this.programs, dracd.udpPort, size)
    note(`filled ${size} entries at ${Math.round(filled.perSecond)}/s`)
    return dracd
  }

  /** The C responder; its table file has about as many pages as Berkeley DB would have for so many entries. */
  async responder(sync: 'fdatasync' | 'none', entries: number): Promise<Yardstick> {
    const pages = Math.max(1, Math.ceil(entries / 10))
    const args = ['--sync', sync, '--file', this.path('yardstick'), '--pages', String(pages)]
    const child = start(this.programs.responder, args, ['ignore', 'pipe', 'inherit'])
    const [udpPort, tcpPort] = (await readyWords(child)).map(Number)
    return {
      pid: child.pid!,
      udpPort: udpPort!,
      tcpPort: tcpPort!,
      stop: async () => void (await end(child, 'SIGKILL')),
    }
  }

  async close(): Promise<void> {
    const running = [...this.#daemons.values()]
    this.#daemons.clear()
    await Promise.all(running.map(async (daemon) => (await daemon).stop()))
  }

  /** Stops the daemon of this size; the caller may start another on its state, and `daemonOf` starts anew. */
  async release(size: number): Promise<void> {
    const running = await this.#daemons.get(size)
    this.#daemons.delete(size)
    await running?.stop()
  }

  stateOf(size: number): string {
    return join(this.folder, `t${size}`)
  }
}

/** Progress goes to standard error, the figures to standard output. */
export function note(text: string): void {
  process.stderr.write(`   ${text}\n`)
}
