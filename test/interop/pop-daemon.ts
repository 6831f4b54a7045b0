// popa3d and Solid POP3, real ones, in a namespace: they log in with PAM, and log to syslog.
import type { ChildProcess } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PopSession, type Where } from './mail-client.ts'
import { SHADOW, USER } from './mail-user.ts'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

const PAM = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\n'
const MAILBOX = `mount -t tmpfs tmpfs /var/mail; : > /var/mail/${USER}
chown ${USER}:mail /var/mail/${USER}; chmod 660 /var/mail/${USER}`

/** The user's password and mailbox, and the servers' own users. To be called once. */
export function preparePop(namespace: Namespace): void {
  const etc = join(namespace.folder, 'etc')
  writeFileSync(join(etc, 'shadow'), SHADOW, { mode: 0o600 })
  mkdirSync(join(etc, 'pam.d'))
  for (const name of ['popa3d', 'solid-pop3d', 'other']) writeFileSync(join(etc, 'pam.d', name), PAM)
  appendFileSync(join(etc, 'passwd'), 'popa3d:x:921:921::/:/bin/sh\nspop3d:x:922:922::/:/bin/sh\n')
  appendFileSync(join(etc, 'group'), 'popa3d:x:921:\nspop3d:x:922:\n')
  namespace.exec('sh', ['-c', MAILBOX])
}

/** Needs 'popa3d'. Standalone, on port 110: from inetd it logs no address. It listens on IPv4 alone. */
export function startPopa3d(namespace: Namespace): Promise<ChildProcess> {
  namespace.exec('mkdir', ['-p', '/var/lib/popa3d'])
  return start(namespace, `${unpacked('popa3d/usr/sbin/popa3d')} -D && exec sleep infinity`, [{ port: 110 }])
}

export const SOLID_PORT = 1110
/** Where one socket takes both families, and sees IPv4 clients as ::ffff:a.b.c.d. */
export const SOLID_DUAL_PORT = 1111

/** Needs 'solid-pop3d' and 'ucspi-tcp-ipv6'. Debian's is built for inetd: it runs below tcpserver here. */
export function startSolidPop3d(namespace: Namespace): Promise<ChildProcess> {
  namespace.exec('cp', [unpacked('solid-pop3d/etc/spop3d.conf'), '/etc'])
  const tcpserver = `${unpacked('ucspi-tcp-ipv6/usr/bin/tcpserver')} -HR -l mta.test`
  const program = unpacked('solid-pop3d/usr/sbin/solid-pop3d')
  const sockets = [`192.0.2.1 ${SOLID_PORT}`, `2001:db8::1 ${SOLID_PORT}`, `::0 ${SOLID_DUAL_PORT}`]
  const command = `${sockets.map((socket) => `${tcpserver} ${socket} ${program} &`).join(' ')} exec sleep infinity`
  return start(namespace, command, [
    { port: SOLID_PORT },
    { port: SOLID_PORT, host: '2001:db8::1' },
    { port: SOLID_DUAL_PORT },
  ])
}

export const PERDITION_PORT = 2110

/** Needs 'perdition': the proxy before Solid POP3, which must run. */
export function startPerdition(namespace: Namespace): Promise<ChildProcess> {
  const options = {
    protocol: 'POP3',
    outgoing_server: `192.0.2.1:${SOLID_PORT}`,
    listen_port: PERDITION_PORT,
    log_facility: 'mail',
    ssl_mode: 'none',
    username: 'nobody',
    group: 'nogroup',
    config_file: '/dev/null',
    map_library: "''",
  }
  const words = Object.entries(options).map(([name, value]) => `--${name} ${value}`)
  const command = `exec ${unpacked('perdition/usr/sbin/perdition')} --no_daemon --no_lookup ${words.join(' ')}`
  return start(namespace, command, [{ port: PERDITION_PORT }])
}

/** @param command for sh; it may leave daemons behind @param places where they are to greet */
async function start(namespace: Namespace, command: string, places: readonly Where[]): Promise<ChildProcess> {
  const child = namespace.spawnServer('sh', ['-c', command], { stdio: 'ignore' })
  for (const place of places)
    await until('a POP3 server to greet', async () => {
      if (child.exitCode !== null) throw new Error(`${command}: ended with ${child.exitCode}`)
      const client = place.host?.includes(':') ? '2001:db8::9' : '192.0.2.2'
      const session = await PopSession.open(namespace, client, place).catch(() => undefined)
      await session?.logout()
      return session !== undefined
    })
  return child
}
