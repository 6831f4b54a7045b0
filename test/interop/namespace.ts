// A network and mount namespace of one test file: real servers on their real ports and paths, nothing of the
// machine's touched, nothing left behind.
//
//   /etc          a folder of this test (etc.ts)
//   /run          empty, with /run/drac = the test's folder and /run/interop = the unpacked servers
//   /var/spool    empty, as is /var/lib
//   elsewhere     as on the machine, with the folders of unpacked servers in the places that they insist on (binds)
//   lo            192.0.2.1 and 2001:db8::1 are the server, .5 to .9 clients
import {
  type ChildProcess,
  execFileSync,
  type SpawnOptions,
  type SpawnSyncReturns,
  spawn,
  spawnSync,
} from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { writeEtc } from './etc.ts'
import { until } from './wait.ts'

export const SERVER = { v4: '192.0.2.1', v6: '2001:db8::1' } as const
const CLIENTS = [5, 6, 7, 8, 9]
const hosts = (clients: readonly number[]): (readonly [address: string, name: string])[] => [
  [SERVER.v4, 'mta.test'],
  [SERVER.v6, 'mta.test'],
  ['192.0.2.2', 'client.test'],
  ...clients.flatMap((n) => [[`192.0.2.${n}`, `c${n}.test`] as const, [`2001:db8::${n}`, `c${n}-v6.test`] as const]),
]

/** All that programs inside inherit: settings of the machine that runs the tests do not reach them. */
export const ENV: NodeJS.ProcessEnv = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/' }

const SETUP = `set -e
ip link set lo up
for a in $ADDRESSES; do
  case $a in *:*) echo "addr add $a/128 dev lo nodad" ;; *) echo "addr add $a/32 dev lo" ;; esac
done | ip -batch -
mount --bind "$FOLDER/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /var/spool
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p "$FOLDER/run/drac" "$FOLDER/run/interop"
mount --bind "$FOLDER" "$FOLDER/run/drac"
mount --bind "$CACHE" "$FOLDER/run/interop"
mount --rbind "$FOLDER/run" /run
. "$BINDER"
exec "$NODE" "$DOORMAN" "$FOLDER/doorman.sock"`

export interface NamespaceOptions {
  /**
   * [from, to]: what stands at `from` inside (unpacked(), say) is seen at `to` as well, which need not exist on the machine;
   * for programs that have the path of their own files built in.
   */
  readonly binds?: readonly (readonly [from: string, to: string])[]
  /** Last numbers of the clients' addresses besides .5 to .9. */
  readonly clients?: readonly number[]
}

type Ended = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

export class Namespace {
  /** The test's folder as the test sees it; inside it is /run/drac. */
  readonly folder: string
  readonly #doorman: ChildProcess
  readonly #children = new Set<ChildProcess>()

  private constructor(folder: string, doorman: ChildProcess) {
    this.folder = folder
    this.#doorman = doorman
  }

  static async open({ binds = [], clients = [] }: NamespaceOptions = {}): Promise<Namespace> {
    const folder = mkdtempSync(join(tmpdir(), 'drac-interop-'))
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'etc'))
    const addresses = hosts([...CLIENTS, ...clients])
    writeEtc(join(folder, 'etc'), addresses)
    const cache = resolve('.cache/interop')
    mkdirSync(cache, { recursive: true })
    const doorman = spawn('unshare', ['--net', '--mount', 'sh', '-c', SETUP], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...ENV,
        FOLDER: folder,
        CACHE: cache,
        NODE: process.execPath,
        DOORMAN: resolve('test/interop/doorman.mjs'),
        BINDER: resolve('test/interop/binds.sh'),
        BINDS: binds.map((bind) => `${bind.join(' ')}\n`).join(''),
        ADDRESSES: addresses.map(([address]) => address).join(' '),
      },
    })
    const errors: Buffer[] = []
    doorman.stderr!.on('data', (chunk) => errors.push(chunk))
    await new Promise<void>((ready, reject) => {
      doorman.stdout!.once('data', () => {
        doorman.removeAllListeners('exit')
        ready()
      })
      doorman.once('error', reject)
      doorman.once('exit', (code) => {
        rmSync(folder, { recursive: true, force: true })
        reject(new Error(`no namespace: exit ${code}: ${Buffer.concat(errors)}`))
      })
    })
    return new Namespace(folder, doorman)
  }

  /** A program inside, ended with this process if nobody ends it before. The child's pid is the program's own. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('nsenter', [...this.#enter, 'setpriv', '--pdeathsig', 'KILL', command, ...args], {
      env: ENV,
      ...options,
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /**
   * A server with children of its own, in a pid namespace: they all end when it is killed. The pid is not the server's.
   * The first process there is a shell, since a set-group-id program such as sendmail forgets to die with its parent.
   */
  spawnServer(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const first = ['sh', '-c', '"$0" "$@"; exit $?', command, ...args]
    return this.spawn('unshare', ['--pid', '--fork', '--kill-child=KILL', '--mount-proc', ...first], options)
  }

  /** Runs a program inside to its end; throws when it fails. */
  exec(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; input?: string } = {}): string {
    return execFileSync('nsenter', [...this.#enter, command, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
      env: ENV,
      ...options,
    })
  }

  /** Runs a program inside to its end, whatever that is. */
  try(command: string, args: readonly string[]): Ended {
    return spawnSync('nsenter', [...this.#enter, command, ...args], { encoding: 'utf8', timeout: 20_000, env: ENV })
  }

  /** The same, while this process goes on with other things. */
  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = this.spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ENV, ...env } })
    const ended = once(child, 'close') as Promise<[number | null]>
    const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)])
    return { status: (await ended)[0], stdout, stderr }
  }

  /** A TCP connection inside, opened from `source`; it is closed when the destination refuses. */
  connect(source: string, host: string, port: number): Socket {
    const socket = connect(join(this.folder, 'doorman.sock'))
    socket.write(`${source} ${host} ${port}\n`)
    return socket
  }

  /** Ends what is still running inside, and returns when no process is left there. */
  async close(): Promise<void> {
    const inside = readlinkSync(`/proc/${this.#doorman.pid}/ns/net`)
    for (const child of this.#children) child.kill('SIGKILL')
    this.#doorman.stdin!.end()
    await until('every process of the namespace to be gone', () => inhabitants(inside).length === 0)
    rmSync(this.folder, { recursive: true })
  }

  get #enter(): string[] {
    return ['--target', String(this.#doorman.pid), '--net', '--mount', '--']
  }
}

function inhabitants(namespace: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/net`) === namespace
    } catch {
      return false // gone meanwhile
    }
  })
}
