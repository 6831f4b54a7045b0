// The service manager's end of sd_notify, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { until } from '../interop/wait.ts'

export class NotifySocket {
  readonly path: string
  /** Datagrams in the order of their coming, "|" for a newline. */
  readonly messages: string[] = []
  readonly #child: ChildProcess

  private constructor(folder: string) {
    this.path = join(folder, 'notify.sock')
    this.#child = spawn('perl', [resolve('test/packaging/notify-socket.pl'), this.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      this.messages.push(...lines.filter((line) => line !== 'BARRIER=1')) // systemd-notify asks whether it was heard
    })
  }

  static async open(folder: string): Promise<NotifySocket> {
    const socket = new NotifySocket(folder)
    await socket.received('listening')
    return socket
  }

  /** Waits until so many messages begin with this. */
  async received(start: string, times = 1): Promise<void> {
    await until(`${times} of ${start} in ${JSON.stringify(this.messages)}`, () => this.count(start) >= times)
  }

  count(start: string): number {
    return this.messages.filter((message) => message.startsWith(start)).length
  }

  close(): void {
    this.#child.kill()
  }
}
