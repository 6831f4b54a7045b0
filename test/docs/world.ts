// The host that a page of docs/ speaks of: a namespace with drac, Postfix and more at their real paths, and its services.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ImapSession } from '../interop/mail-client.ts'
import type { Mta } from '../interop/mta.ts'
import { ENV, Namespace } from '../interop/namespace.ts'
import { postfix } from '../interop/postfix.ts'
import { startRpcbind } from '../interop/rpcbind.ts'
import { until } from '../interop/wait.ts'

/** Unpacked servers whose programs stand in /usr, as if they were installed. */
const INSTALLED = ['postfix', 'postfix-maps', 'dovecot', 'rpcbind']

export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
  reload(): Promise<void>
}

export class World {
  readonly namespace: Namespace
  readonly dracd: Dracd
  readonly services: Readonly<Record<string, Service>>

  private constructor(namespace: Namespace) {
    this.namespace = namespace
    this.dracd = new Dracd(this)
    this.services = { dracd: this.dracd, postfix: new Postfix(namespace), dovecot: new Dovecot(namespace) }
  }

  static async open(): Promise<World> {
    const namespace = await Namespace.open()
    install(namespace)
    const world = new World(namespace)
    postfix({ chroot: true }).configure(namespace)
    world.write('/etc/drac/dracd.toml', readFileSync('conf/dracd.toml.sample', 'utf8'))
    world.write('/etc/dovecot/dovecot.conf', DOVECOT)
    await startRpcbind(namespace)
    return world
  }

  /** As an administrator types it: what it printed, and its exit code. */
  async type(command: string, lastStatus: number): Promise<{ code: number; output: string }> {
    const script = `(exit ${lastStatus})\n${command}`
    const { status, stdout } = await this.namespace.run('sh', ['-c', `{ ${script}\n} 2>&1`], { TZ: 'UTC' })
    return { code: status ?? -1, output: stdout }
  }

  write(path: string, text: string, append = false): void {
    this.namespace.exec('mkdir', ['-p', dirname(path)])
    this.namespace.exec('tee', [...(append ? ['-a'] : []), path], { input: text })
  }

  /** What dracd logged. */
  log(): string {
    const path = join(this.namespace.folder, 'dracd.log')
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  close(): Promise<void> {
    return this.namespace.close()
  }
}

/** /usr is what the machine has, the unpacked servers, and drac; nothing of it is written to the machine's. */
function install(namespace: Namespace): void {
  const usr = join(namespace.folder, 'usr')
  // Compiled once, not at each command.
  const cache = resolve('.cache/compiled')
  mkdirSync(cache, { recursive: true, mode: 0o1777 })
  const program = (path: string, script: string): void => {
    mkdirSync(dirname(join(usr, path)), { recursive: true })
    writeFileSync(
      join(usr, path),
      `#!/bin/sh\nexport NODE_COMPILE_CACHE=${cache}\nexec ${process.execPath} ${script} "$@"\n`,
    )
    chmodSync(join(usr, path), 0o755)
  }
  const legacy = join(namespace.folder, 'rpc.dracd.ts')
  symlinkSync(resolve('src/bin/dracd.ts'), legacy)
  program('sbin/dracd', resolve('src/bin/dracd.ts'))
  program('sbin/rpc.dracd', legacy)
  program('bin/drac', resolve('src/bin/drac.ts'))
  const unpacked = INSTALLED.map((name) => resolve('.cache/interop', name, 'usr')).filter((path) => existsSync(path))
  namespace.exec('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${[usr, ...unpacked, '/usr'].join(':')}`,
    '/usr',
  ])
  for (const folder of ['/var/log', '/home', '/srv'])
    namespace.exec('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', folder])
}

/**
 * As the unit has it, with what drop-in files say: as its user, without capabilities, and with nothing of /etc to write
 * but ReadWritePaths=.
 */
const START = `set -e
for folder in $WRITABLE; do mount --bind "$folder" "$folder"; done
mount --rbind /etc /etc
mount -o remount,bind,ro /etc
install -d -m 0750 /var/lib/drac
chown -R "$SERVICE_USER:$SERVICE_USER" /var/lib/drac
chown "$SERVICE_USER:$SERVICE_USER" /run/drac
exec 2>> /run/drac/dracd.log
exec setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" $GROUPS_OPTION --bounding-set=-all --inh-caps=-all \
  --no-new-privs $EXEC_START`

class Dracd implements Service {
  readonly #world: World
  #child: ChildProcess | undefined

  constructor(world: World) {
    this.#world = world
  }

  async start(): Promise<void> {
    const before = this.#world.log().length
    const groups = this.#unit('SupplementaryGroups')
    const env = {
      ...ENV,
      TZ: 'UTC',
      HOME: '/var/lib/drac',
      SERVICE_USER: this.#unit('User') ?? 'drac',
      GROUPS_OPTION: groups === undefined ? '--clear-groups' : `--groups ${groups}`,
      WRITABLE: this.#unit('ReadWritePaths') ?? '',
      EXEC_START: this.#unit('ExecStart') ?? '/usr/sbin/dracd',
    }
    const child = this.#world.namespace.spawn('unshare', ['--mount', 'sh', '-c', START], { env })
    this.#child = child
    await until('dracd to be ready', () => {
      if (child.exitCode !== null) throw new Error(`dracd ended: ${this.#world.log().slice(before)}`)
      return this.#world.log().slice(before).includes('"event":"ready"')
    })
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** As a crash does it: nothing is tidied up, and nobody starts it again. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async reload(): Promise<void> {
    const before = this.#world.log().length
    this.#child?.kill('SIGHUP')
    await until('dracd to say what it thinks of the settings', () =>
      /"event":"reload(ed|-failed)"/.test(this.#world.log().slice(before)),
    )
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** What the last of the drop-in files says. */
  #unit(name: string): string | undefined {
    const folder = join(this.#world.namespace.folder, 'etc/systemd/system/dracd.service.d')
    const texts = existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((file) => readFileSync(join(folder, file), 'utf8'))
      : []
    return [...texts.join('\n').matchAll(new RegExp(`^${name}=(\\S.*)$`, 'gm'))].at(-1)?.[1]
  }
}

class Postfix implements Service {
  readonly #namespace: Namespace
  #mta: Mta | undefined

  constructor(namespace: Namespace) {
    this.#namespace = namespace
  }

  async start(): Promise<void> {
    this.#mta = await postfix({ chroot: true }).start(this.#namespace, '')
  }

  async stop(): Promise<void> {
    await this.#mta?.stop()
    this.#mta = undefined
  }

  async reload(): Promise<void> {
    await this.stop()
    await this.start()
  }
}

/** As Debian's own files have it, but for where names and passwords come from. */
const DOVECOT = `protocols = imap pop3
listen = *, ::
ssl = no
disable_plaintext_auth = no
mail_location = maildir:/var/lib/mail/%n
log_path = /run/drac/dovecot.log
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=alice gid=alice home=/var/lib/mail/%n
}
!include_try /etc/dovecot/conf.d/*.conf
`

class Dovecot implements Service {
  readonly #namespace: Namespace
  #child: ChildProcess | undefined

  constructor(namespace: Namespace) {
    this.#namespace = namespace
  }

  async start(): Promise<void> {
    this.#namespace.exec('install', ['-d', '-o', 'alice', '-g', 'alice', '/var/lib/mail'])
    this.#child = this.#namespace.spawnServer('/usr/sbin/dovecot', ['-F'], { stdio: 'ignore' })
    await until('Dovecot to greet', () =>
      ImapSession.open(this.#namespace, '192.0.2.9').then(
        (session) => {
          session.abort()
          return true
        },
        () => false,
      ),
    )
  }

  async stop(): Promise<void> {
    if (!this.#child) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
    this.#child = undefined
  }

  async reload(): Promise<void> {
    await this.stop()
    await this.start()
  }
}
