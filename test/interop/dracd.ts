// The real dracd in a namespace, where everything stands where the integration pages say: its settings in
// /etc/drac/dracd.toml, its database in /var/lib/drac, its sockets in /run/drac.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { ExplanationView } from '../../src/admin/views.ts'
import { controlRequest } from '../../src/client/control.ts'
import { dracCall } from './drac-call.ts'
import type { Namespace } from './namespace.ts'

/** Besides the file: every family can report, and nobody is asked for the port. */
const SETTINGS = {
  'drac_rpc.listen': '["udp:127.0.0.1:0", "tcp:127.0.0.1:0", "udp:[::1]:0", "tcp:[::1]:0"]',
  'drac_rpc.portmapper': 'off',
}

export interface DracdOptions {
  /** a btree map to keep, as the namespace sees it */
  readonly dbfile?: string
  /** settings besides, or instead of, the tests' own */
  readonly set?: Readonly<Record<string, string>>
}

export class Dracd {
  readonly #namespace: Namespace
  readonly #options: DracdOptions
  #child: ChildProcess | undefined
  #log = ''
  /** As the ready line says: room -> endpoints as bound. */
  endpoints: Readonly<Record<string, readonly string[]>> = {}

  private constructor(namespace: Namespace, options: DracdOptions) {
    this.#namespace = namespace
    this.#options = options
  }

  static async start(namespace: Namespace, options: DracdOptions = {}): Promise<Dracd> {
    const dracd = new Dracd(namespace, options)
    await dracd.run()
    return dracd
  }

  /** Starts it, again perhaps, with what it had stored; returns when it is ready. */
  async run(): Promise<void> {
    const child = this.#namespace.spawn(process.execPath, this.#command(), { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    this.endpoints = await this.#ready(child)
  }

  /** What the service unit runs after a crash. */
  async emptyMaps(): Promise<void> {
    const { status, stderr } = await this.#namespace.run(process.execPath, this.#command('--empty-maps'))
    if (status !== 0) throw new Error(`dracd --empty-maps: ${status}: ${stderr}`)
  }

  #command(...options: readonly string[]): string[] {
    const { set, dbfile } = this.#options
    const settings = Object.entries({ ...SETTINGS, ...set }).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    return [resolve('src/bin/dracd.ts'), ...options, ...settings, ...(dbfile ? [dbfile] : [])]
  }

  /** What it logged since it was started last. */
  log(): string {
    return this.#log
  }

  /** The port of program 900101 for callers of `host`. */
  port(net: 'udp' | 'tcp', host = '127.0.0.1'): number {
    const address = host.includes(':') ? `[${host}]` : host
    const endpoint = this.endpoints.drac_rpc?.find((text) => text.startsWith(`${net}:${address}:`))
    if (!endpoint) throw new Error(`dracd does not listen on ${net}:${address}`)
    return Number(endpoint.split(':').at(-1))
  }

  /** A login reported by the C client, with no portmapper; the addstat, or the client library's complaint. */
  report(program: string, address: string): number | string {
    return dracCall(this.#namespace, program, address, { net: 'udp', port: this.port('udp') })
  }

  /** As `drac list` asks. */
  async authorized(): Promise<string[]> {
    const { authorizations } = await this.#control<{ authorizations: { address: string }[] }>('GET')
    return authorizations.map(({ address }) => address)
  }

  /** As `drac show ADDRESS` asks. */
  show(address: string): Promise<ExplanationView> {
    return this.#control<ExplanationView>('GET', `/${encodeURIComponent(address)}`)
  }

  /** As `drac permit ADDRESS --for SECONDS` asks. */
  async permit(address: string, lifetime: number): Promise<void> {
    const { status } = await this.#control<{ status: string }>('POST', '', { address, lifetime, source: 'test' })
    if (status === 'refused') throw new Error(`permit ${address}: ${status}`)
  }

  /** As `drac revoke ADDRESS` asks. */
  async revoke(address: string): Promise<void> {
    const { revoked } = await this.#control<{ revoked: string[] }>('DELETE', `/${encodeURIComponent(address)}?by=test`)
    if (revoked.length !== 1) throw new Error(`revoke ${address}: ${revoked.join(' ') || 'nothing'}`)
  }

  /** A clean stop; the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** It hangs: the kernel still accepts connections for it, and nobody answers. */
  stall(): void {
    this.#child?.kill('SIGSTOP')
  }

  /** It reads its settings and the token again. */
  reload(): void {
    this.#child?.kill('SIGHUP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Over the control socket, from outside: a unix socket's path is shared, whatever the network namespace. */
  async #control<Body>(method: 'GET' | 'POST' | 'DELETE', target = '', body?: object): Promise<Body> {
    const socket = join(this.#namespace.folder, 'control.sock')
    return (await controlRequest(socket, method, `/v1/authorizations${target}`, body)).body as Body
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child!
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }

  /** Resolves with the endpoints of the line whose event is "ready"; rejects when dracd ends before. */
  #ready(child: ChildProcess): Promise<Dracd['endpoints']> {
    this.#log = ''
    return new Promise((resolve, reject) => {
      let rest = ''
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
        const lines = (rest + text).split('\n')
        rest = lines.pop()!
        const ready = lines.find((line) => line.includes('"event":"ready"'))
        if (ready) resolve((JSON.parse(ready) as { endpoints: Dracd['endpoints'] }).endpoints)
      })
      child.once('exit', (code, signal) => reject(new Error(`dracd ended: ${code ?? signal}\n${this.#log}`)))
    })
  }
}
