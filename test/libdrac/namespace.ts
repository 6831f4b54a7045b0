// A network and mount namespace of a test's own, with loopback, an empty /run and an /etc and a /dev of its own: a real
// rpcbind on its real port, name servers that never answer, a /dev/log to read.
import { appendFileSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from './children.ts'

/** Files of the machine's /etc that programs cannot do without. */
const KEPT = ['passwd', 'group', 'netconfig', 'rpc', 'services', 'protocols', 'ld.so.cache', 'ld-musl-x86_64.path']

const SETUP = `set -e
ip link set lo up
ip addr add 192.0.2.1/32 dev lo
ip addr add 2001:db8::1/128 dev lo nodad
mount -t tmpfs -o mode=755 tmpfs /run
mount --bind "$0/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /dev
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/urandom c 1 9
echo ready
exec cat`

export interface Space {
  /** A command that runs its arguments inside. */
  readonly enter: readonly string[]
  /** The folder that is /etc inside. */
  readonly etc: string
  close(): Promise<void>
}

export async function openSpace(folder: string, resolvConf = ''): Promise<Space> {
  const etc = join(folder, 'etc')
  mkdirSync(join(etc, 'mail'), { recursive: true })
  for (const name of KEPT) if (existsSync(join('/etc', name))) copyFileSync(join('/etc', name), join(etc, name))
  // Whom rpcbind becomes, or ends at once: the machine knows the user only where the package is installed.
  appendFileSync(join(etc, 'passwd'), '_rpc:x:904:65534::/run/rpcbind:/usr/sbin/nologin\n')
  writeFileSync(join(etc, 'resolv.conf'), resolvConf)
  writeFileSync(join(etc, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n')
  writeFileSync(join(etc, 'hosts'), '127.0.0.1 localhost\n192.0.2.1 mail.test\n2001:db8::1 six.test\n')
  const holder = new Child('unshare', ['--net', '--mount', 'sh', '-c', SETUP, folder])
  await holder.line('a namespace', (line) => line === 'ready')
  return {
    enter: ['nsenter', '--target', String(holder.process.pid), '--net', '--mount', '--'],
    etc,
    close: async () => {
      holder.process.stdin!.end()
      await holder.end()
    },
  }
}
