// Programs that run beside a test: their lines, and their end.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { until } from '../interop/wait.ts'

const living = new Set<Child>()

/** Ends what a failed test has left running; for afterAll. */
export async function stopAll(): Promise<void> {
  await Promise.all([...living].map((child) => child.stop('SIGKILL')))
}

/** A program whose lines, of both outputs, are kept. */
export class Child {
  readonly lines: string[] = []
  readonly process: ChildProcess
  /** How the spawned program is called in failures. */
  readonly #name: string
  #exit: number | string | undefined

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.#name = `${command} ${args.join(' ')}`
    this.process = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
    for (const stream of [this.process.stdout!, this.process.stderr!])
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line))
    this.process.stdin!.on('error', () => undefined)
    this.process.on('error', (error) => this.lines.push(String(error)))
    living.add(this)
    this.process.on('close', (code, signal) => {
      living.delete(this)
      this.#exit = code ?? signal ?? 'gone'
    })
  }

  /** The first line for which `pick` has an answer. Fails early when the program has ended without it. */
  line<T>(what: string, pick: (line: string) => T | undefined | false): Promise<T> {
    return until(`${what} from ${this.#name}`, () => {
      for (const line of this.lines) {
        const answer = pick(line)
        if (answer !== undefined && answer !== false) return answer
      }
      if (this.#exit !== undefined) throw new Error(`${this.#name} ended (${this.#exit}): ${this.lines.join('\n')}`)
      return undefined
    })
  }

  /** Waits for the program's end by itself: its exit code, or the signal's name. */
  end(seconds = 60): Promise<number | string> {
    return until(`the end of ${this.#name}`, () => this.#exit, seconds)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#exit === undefined) this.process.kill(signal)
    await this.end()
  }
}
