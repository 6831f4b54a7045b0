// A real Courier IMAP and POP3 server in a namespace, at its own paths: /usr is the machine's with Courier's packages over
// it, and what is changed there goes away with the namespace.
import type { ChildProcess } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImapSession, type MailPorts, PORTS, PopSession } from './mail-client.ts'
import { CRYPTED, USER } from './mail-user.ts'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

const HOME = `/srv/mail/${USER}`

const INSTALL = `set -e
mkdir -p /run/usr
mount -t tmpfs tmpfs /run/usr
mkdir /run/usr/upper /run/usr/work
mount -t overlay -o lowerdir=${unpacked('courier/usr')}:/usr,upperdir=/run/usr/upper,workdir=/run/usr/work overlay /usr
ln -s makedat.courier /usr/bin/makedat
cp -r ${unpacked('courier/etc/courier')} /etc
ldconfig -X
mkdir -p /run/courier/authdaemon /var/lib/courier /var/lib/dpkg
touch /var/lib/dpkg/status
mount -t tmpfs tmpfs /srv
mkdir -p ${HOME}
maildirmake.courier ${HOME}/Maildir
chown -R 1000:1000 ${HOME}
chmod 700 /etc/courier/userdb
makeuserdb
makeimapaccess
printf '[req]\\ndistinguished_name=d\\n[d]\\n' > /etc/courier/req.cnf
export OPENSSL_CONF=/etc/courier/req.cnf
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=mta.test -keyout /etc/courier/imapd.key -out /etc/courier/imapd.crt 2>/dev/null
cat /etc/courier/imapd.key /etc/courier/imapd.crt > /etc/courier/imapd.pem`

const USERDB = `${USER}\tuid=1000|gid=1000|home=${HOME}|mail=${HOME}/Maildir|systempw=${CRYPTED}\n`
/** What the packages' own settings are changed to, in the words that they have there. */
const SETTINGS = {
  authdaemonrc: 'authmodulelist="authuserdb"\n',
  imapd: 'MAXPERIP=100\n',
  pop3d: 'MAXPERIP=100\n',
} as const

/** @param report the drac-report to install */
export function installCourier(namespace: Namespace, report: string): void {
  const etc = join(namespace.folder, 'etc')
  appendFileSync(join(etc, 'passwd'), 'courier:x:920:920::/:/bin/sh\n')
  appendFileSync(join(etc, 'group'), 'courier:x:920:\n')
  namespace.exec('mkdir', ['-p', '/etc/courier'])
  writeFileSync(join(etc, 'courier/userdb'), USERDB)
  namespace.exec('sh', ['-c', INSTALL])
  for (const [name, lines] of Object.entries(SETTINGS)) appendFileSync(join(etc, 'courier', name), lines)
  namespace.exec('install', ['-m', '755', report, '/usr/sbin/drac-report'])
}

/** Starts the servers with their own scripts. @param settings added to those of imapd and pop3d: DRACHOST say */
export async function startCourier(
  namespace: Namespace,
  settings: readonly string[],
  ports = PORTS,
): Promise<ChildProcess> {
  const own = { imapd: `PORT=${ports.imap}`, pop3d: `PORT=${ports.pop3}` }
  for (const [name, port] of Object.entries(own))
    appendFileSync(join(namespace.folder, 'etc/courier', name), [port, ...settings, ''].join('\n'))
  const scripts = ['authdaemond', 'imapd', 'pop3d', 'imapd-ssl'].map((name) => `/usr/sbin/${name} start`)
  const child = namespace.spawnServer('sh', ['-c', `${scripts.join(' && ')} && exec sleep infinity`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await until('Courier to greet', () => {
    if (child.exitCode !== null) throw new Error(`Courier's start scripts ended with ${child.exitCode}`)
    return greets(namespace, ports)
  })
  return child
}

async function greets(namespace: Namespace, ports: MailPorts): Promise<boolean> {
  try {
    const imap = await ImapSession.open(namespace, '192.0.2.9', { port: ports.imap })
    const pop = await PopSession.open(namespace, '192.0.2.9', { port: ports.pop3 })
    await Promise.all([imap.logout(), pop.logout()])
    return true
  } catch {
    return false
  }
}
