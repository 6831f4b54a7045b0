// dracd as its installed unit says: the command line, the user, the notification socket.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { controlRequest } from '../../src/client/control.ts'
import { until } from '../interop/wait.ts'
import type { Debian } from './debian.ts'
import { NotifySocket } from './notify-socket.ts'

const UNIT = 'lib/systemd/system/dracd.service'

export class Service {
  readonly notify: NotifySocket
  readonly #debian: Debian
  readonly #child: ChildProcess
  #log = ''

  private constructor(debian: Debian, notify: NotifySocket) {
    this.#debian = debian
    this.notify = notify
    const unit = debian.read(UNIT)
    const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)![1]!
    this.#child = debian.spawn(`${value('User')}:${value('Group')}`, value('ExecStart').split(' '), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { NOTIFY_SOCKET: '/run/notify.sock', WATCHDOG_USEC: '500000' },
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.#log += text
    })
  }

  /** Returns when dracd has told the service manager that it is ready. */
  static async start(debian: Debian): Promise<Service> {
    const service = new Service(debian, await NotifySocket.open(join(debian.root, 'run')))
    await until('dracd to be ready', () => {
      if (service.#child.exitCode !== null) throw new Error(`dracd ended: ${service.#log}`)
      return service.notify.count('READY=1') > 0
    })
    return service
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Of the ready line. */
  get version(): string {
    return /"event":"ready","version":"([^"]*)"/.exec(this.#log)![1]!
  }

  get rpcPort(): number {
    return Number(/"udp:127\.0\.0\.1:(\d+)"/.exec(this.#log)![1]!)
  }

  /** Logins as mail servers report them over the control socket, some at a time. */
  async logins(addresses: readonly string[]): Promise<void> {
    const path = join(this.#debian.root, 'run/drac/control.sock')
    const left = addresses.values()
    const lane = async (): Promise<void> => {
      for (const address of left) await controlRequest(path, 'POST', '/v1/logins', { address })
    }
    await Promise.all(Array.from({ length: 20 }, lane))
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    this.notify.close()
    rmSync(join(this.#debian.root, 'run/notify.sock'), { force: true })
    return this.#child.exitCode
  }
}
