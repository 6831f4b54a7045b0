// The real dracd in a namespace, on the sockets and paths that the integration pages name.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { controlRequest } from '../../src/client/control.ts'
import { dracCall } from './drac-call.ts'
import type { Namespace } from './namespace.ts'

const SETTINGS = {
  state_directory: '/run/drac/state',
  control: 'unix:/run/drac/control.sock',
  'socketmap.listen': '["unix:/run/drac/socketmap.sock", "tcp:127.0.0.1:9899"]',
  'drac_rpc.listen': '["udp:127.0.0.1:0", "tcp:127.0.0.1:0", "udp:[::1]:0", "tcp:[::1]:0"]',
  'drac_rpc.portmapper': 'off',
}

export interface DracdOptions {
  /** a btree map to keep, as the namespace sees it */
  readonly dbfile?: string
  /** a group that may use the socketmap's unix sockets, besides root */
  readonly socketGroup?: string
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
    const state = join(namespace.folder, 'state')
    mkdirSync(state, { recursive: true })
    chmodSync(state, 0o755)
    namespace.exec('mkdir', ['-p', '/var/spool/postfix/drac'])
    const dracd = new Dracd(namespace, options)
    await dracd.run()
    return dracd
  }

  /** Starts it, again perhaps, with what it had stored; returns when it is ready. */
  async run(): Promise<void> {
    const set = Object.entries({ ...SETTINGS, ...this.#options.set }).flatMap(([name, value]) => [
      '--set',
      `${name}=${value}`,
    ])
    const args = [resolve('src/bin/dracd.ts'), ...set, ...(this.#options.dbfile ? [this.#options.dbfile] : [])]
    const child = this.#namespace.spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    this.endpoints = await this.#ready(child)
    if (this.#options.socketGroup)
      for (const endpoint of this.endpoints.socketmap ?? [])
        if (endpoint.startsWith('unix:')) this.#namespace.exec('chgrp', [this.#options.socketGroup, endpoint.slice(5)])
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
