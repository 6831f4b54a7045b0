// Tells the service manager how dracd is, by sd_notify(3). Node.js has no unix datagram sockets, so a child process that
// lives as long as we do sends what it reads, a datagram for each line: the package's own, or a shell that starts
// systemd-notify for each. Without NOTIFY_SOCKET nothing is started and nothing is said.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** packaging/systemd/sd-notify.c, as the packages install it. */
const SENDER = '/usr/lib/drac/sd-notify'
/** Field splitting at tabs alone: each assignment is one argument. */
const SHELL = `trap '' TERM INT HUP; set -f; IFS='\t'; while read -r line; do systemd-notify $line; done`

export interface ServiceManager {
  /** All is open; or a reload is done. */
  ready(): void
  /** What `ready` ends. */
  reloading(): void
  stopping(): void
  /**
   * Sends what WatchdogSec= waits for, twice as often as it must, with a line for `systemctl status`. This runs on the
   * event loop and asks the store, so silence means that one of them hangs. A store that is down is no reason for
   * silence: dracd says "try again later" then, and a restart would cure nothing.
   * @param status asks the store; must not throw
   */
  watch(status: () => string): void
}

/** @param env of the process; what is meant for us alone is taken out, so that no child speaks in our name */
export function serviceManager(env = process.env, sender = SENDER): ServiceManager {
  const socket = take(env, 'NOTIFY_SOCKET')
  const usec = Number(take(env, 'WATCHDOG_USEC') ?? 0)
  const watched = [undefined, String(process.pid)].includes(take(env, 'WATCHDOG_PID')) && usec > 0
  if (socket === undefined) return { ready() {}, reloading() {}, stopping() {}, watch() {} }
  const line = new Sender(sender, { ...env, NOTIFY_SOCKET: socket })
  return {
    ready: () => line.send('READY=1'),
    // The clock is what Type=notify-reload (systemd 253) tells two reloads apart by.
    reloading: () => line.send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => line.send('STOPPING=1'),
    watch(status) {
      line.send(`STATUS=${status()}`)
      if (watched) setInterval(() => line.send('WATCHDOG=1', `STATUS=${status()}`), usec / 2000).unref()
    },
  }
}

function take(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]
  delete env[name]
  return value || undefined
}

class Sender {
  readonly #command: readonly string[]
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | undefined

  constructor(sender: string, env: NodeJS.ProcessEnv) {
    this.#command = existsSync(sender) ? [sender] : ['/bin/sh', '-c', SHELL]
    this.#env = env
  }

  /** @param assignments one datagram; tabs and newlines in them become spaces */
  send(...assignments: readonly string[]): void {
    this.#child ??= this.#start()
    this.#child.stdin?.write(`${assignments.map((text) => text.replace(/[\t\n]/g, ' ')).join('\t')}\n`)
  }

  /** One that was killed is started again by the next message. It does not keep us running, and ends with us. */
  #start(): ChildProcess {
    const [command, ...args] = this.#command
    const child = spawn(command!, args, { env: this.#env, stdio: ['pipe', 'ignore', 'ignore'] })
    const forget = (): void => {
      if (this.#child === child) this.#child = undefined
    }
    child.on('error', forget)
    child.on('exit', forget)
    child.stdin.on('error', () => {})
    child.unref()
    ;(child.stdin as unknown as { unref(): void }).unref()
    return child
  }
}
