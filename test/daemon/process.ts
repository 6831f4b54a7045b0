// The real dracd and drac as child processes, on loopback and in a temporary folder.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { dracauth } from '../../src/client/index.ts'
import { until } from '../interop/wait.ts'

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface DracdProcessOptions {
  readonly args?: readonly string[]
  readonly set?: Readonly<Record<string, string>>
  /** The name of the program, for what depends on it. */
  readonly program?: string
  /** A program and its arguments that starts what follows them, the daemon. */
  readonly through?: readonly string[]
  /** Over this process's own. */
  readonly env?: NodeJS.ProcessEnv
}

/** Settings that let many daemons run side by side. */
const settings = (folder: string): Record<string, string> => ({
  state_directory: join(folder, 'state'),
  control: `unix:${folder}/control.sock`,
  'socketmap.listen': `["unix:${folder}/s.sock", "tcp:127.0.0.1:0"]`,
  'drac_rpc.listen': '["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]',
  'drac_rpc.portmapper': 'off',
})

export class DracdProcess {
  readonly folder: string
  readonly log: LogLine[] = []
  readonly child: ChildProcess
  #ended: Promise<number | null>

  /** Does not wait: see `ready`. */
  constructor(
    folder: string,
    { args = [], set = {}, program = resolve('src/bin/dracd.ts'), through = [], env = {} }: DracdProcessOptions = {},
  ) {
    this.folder = folder
    const sets = Object.entries({ ...settings(folder), ...set }).flatMap(([name, value]) => [
      '--set',
      `${name}=${value}`,
    ])
    const [command, ...words] = [...through, process.execPath, program, ...sets, ...args]
    this.child = spawn(command!, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
    this.#ended = once(this.child, 'close').then(() => this.child.exitCode)
    let rest = ''
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      // What starts the daemon may have something to say too.
      const ours = through.length === 0 ? lines : lines.filter((line) => line.startsWith('{'))
      this.log.push(...ours.map((line) => JSON.parse(line) as LogLine))
    })
  }

  static async start(folder: string, options: DracdProcessOptions = {}): Promise<DracdProcess> {
    const dracd = new DracdProcess(folder, options)
    await dracd.logged('ready')
    return dracd
  }

  /** The next line with this event, from those that came before on; rejects when the daemon ends first. */
  async logged(event: string, matching: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    return until(`"event":"${event}" in the log`, () => {
      const found = this.log.find((line) => line.event === event && matching(line))
      if (!found && this.child.exitCode !== null) throw new Error(`dracd ended: ${JSON.stringify(this.log)}`)
      return found
    })
  }

  port(name: 'drac_rpc' | 'socketmap', transport: 'udp' | 'tcp'): number {
    const ready = this.log.find(({ event }) => event === 'ready') as
      | { endpoints?: Record<string, string[]> }
      | undefined
    return Number(ready?.endpoints?.[name]?.find((text) => text.startsWith(transport))?.replace(/^.*:/, ''))
  }

  /** A login reported over RPC: the code of dracauth(3). */
  async auth(address: string, transport: 'udp' | 'tcp' = 'udp'): Promise<number> {
    const port = this.port('drac_rpc', transport)
    return (await dracauth('127.0.0.1', address, { port, transport, timeout: 10_000 })).code
  }

  lookup(key: string): Promise<string> {
    return socketmap(join(this.folder, 's.sock'), key)
  }

  drac(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return drac(this.folder, ...args)
  }

  /** Sends the signal and resolves with the exit code once it has ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.#ended
  }

  /** The exit code, once it ends by itself. */
  ended(): Promise<number | null> {
    return this.#ended
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'drac-daemon-'))
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** One socketmap question: `OK OK`, `NOTFOUND `, `TEMP ...`. */
export async function socketmap(path: string, key: string): Promise<string> {
  const session = await LookupSession.open(path)
  return session.ask(key).finally(() => session.close())
}

/** A socketmap connection, for one question after the other. */
export class LookupSession {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async open(path: string): Promise<LookupSession> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new LookupSession(socket.setEncoding('utf8'))
  }

  /** Rejects when it is closed in place of an answer. */
  async ask(key: string): Promise<string> {
    const request = `drac ${key}`
    this.#socket.write(`${Buffer.byteLength(request)}:${request},`)
    const closed = once(this.#socket, 'end').then(() => Promise.reject(new Error('closed without an answer')))
    const [text] = await Promise.race([once(this.#socket, 'data'), closed])
    return String(text).replace(/^\d+:(.*),$/s, '$1')
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** The drac command against the daemon of this folder. */
export async function drac(
  folder: string,
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [resolve('src/bin/drac.ts'), ...args], {
    env: { PATH: process.env.PATH, HOME: folder, DRAC_CONTROL: `unix:${folder}/control.sock`, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => (output[name] += text))
  await once(child, 'close')
  return { code: child.exitCode, ...output }
}
