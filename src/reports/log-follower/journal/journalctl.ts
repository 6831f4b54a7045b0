// journalctl as a child: it follows the journal and writes each entry as a line of JSON.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { FIELDS } from './entry.ts'

const MAX_STDERR = 4096
const KILL_MS = 2000

/** Where to begin: after an entry, or with those not older than a time in seconds since the epoch. */
export type From = { readonly cursor: string } | { readonly since: number }

export class Journalctl {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<string>
  #stderr = ''

  /** @param units full names */
  constructor(units: readonly string[], from: From) {
    const begin = 'cursor' in from ? [`--after-cursor=${from.cursor}`] : [`--since=@${from.since}`]
    this.#child = spawn(
      'journalctl',
      [
        '--follow',
        '--no-tail',
        '--quiet',
        '--output=json',
        `--output-fields=${FIELDS.join(',')}`,
        ...begin,
        ...units.map((unit) => `_SYSTEMD_UNIT=${unit}`),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env: { ...process.env, LC_ALL: 'C.UTF-8' } },
    )
    this.#child.stderr.setEncoding('latin1').on('data', (text: string) => {
      if (this.#stderr.length < MAX_STDERR) this.#stderr += text
    })
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ENOENT' ? 'there is no journalctl' : `journalctl cannot be run: ${error.message}`),
      )
      this.#child.once('close', (code, signal) => resolve(`journalctl ended: ${this.#lastWords() ?? code ?? signal}`))
    })
  }

  get output(): Readable {
    return this.#child.stdout
  }

  /** Why it ended; kept once it has. */
  get ended(): Promise<string> {
    return this.#ended
  }

  async stop(): Promise<void> {
    const { pid } = this.#child
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_MS)
    // What it still has to say is not wanted, and must not keep it.
    this.#child.stdout.destroy()
    await once(this.#child, 'exit')
    clearTimeout(timer)
  }

  #lastWords(): string | undefined {
    const line = this.#stderr
      .split('\n')
      .map((text) => text.replace(/[^\x20-\x7e]+/g, ' ').trim())
      .find((text) => text !== '')
    return line?.slice(0, 200)
  }
}
