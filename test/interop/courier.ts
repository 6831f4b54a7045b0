// A real Courier IMAP and POP3 server in a namespace, at its own paths: /usr is the machine's with Courier's packages over
// it, and what is changed there goes away with the namespace.
import type { ChildProcess } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ImapSession, PopSession } from './mail-client.ts'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

export const USER = 'alice'
export const PASSWORD = 'secret'
/** Whom mailboxes belong to. */
const UID = 1000

const INSTALL = `set -e
mkdir -p /run/usr
mount -t tmpfs tmpfs /run/usr
mkdir /run/usr/upper /run/usr/work
mount -t overlay -o lowerdir=${unpacked('courier/usr')}:/usr,upperdir=/run/usr/upper,workdir=/run/usr/work overlay /usr
cp -r ${unpacked('courier/etc/courier')} /etc
ldconfig -X
ln -s makedat.courier /usr/bin/makedat
mkdir -p /run/courier/authdaemon /srv /var/lib/courier
mount -t tmpfs tmpfs /srv
mkdir -p /srv/mail/${USER}
maildirmake.courier /srv/mail/${USER}/Maildir
chown -R ${UID}:${UID} /srv/mail/${USER}
printf '%s\\t%s\\n' ${USER} "uid=${UID}|gid=${UID}|home=/srv/mail/${USER}|mail=/srv/mail/${USER}/Maildir|systempw=$(openssl passwd -6 ${PASSWORD})" > /etc/courier/userdb
chmod 700 /etc/courier/userdb
makeuserdb
makeimapaccess`

/** What the unpacked packages' own settings are changed to, in the words that they have there. */
const SETTINGS = {
  authdaemonrc: 'authmodulelist="authuserdb"\n',
  imapd: 'IMAPDSTART=YES\nMAXPERIP=100\n',
  pop3d: 'MAXPERIP=100\n',
}

/** @param drac what is added to the settings of imapd and pop3d: DRACHOST say */
export function installCourier(namespace: Namespace, report: string, drac: readonly string[]): void {
  const etc = join(namespace.folder, 'etc')
  appendFileSync(join(etc, 'passwd'), `courier:x:920:920::/:/bin/sh\nvmail:x:${UID}:${UID}::/srv/mail:/bin/sh\n`)
  appendFileSync(join(etc, 'group'), `courier:x:920:\nvmail:x:${UID}:\n`)
  mkdirSync(join(etc, 'ld.so.conf.d'), { recursive: true })
  namespace.exec('sh', ['-c', INSTALL])
  for (const [name, lines] of Object.entries(SETTINGS)) {
    const ours = name === 'authdaemonrc' ? '' : drac.map((line) => `${line}\n`).join('')
    appendFileSync(join(etc, 'courier', name), lines + ours)
  }
  namespace.exec('install', ['-m', '755', report, '/usr/sbin/drac-report'])
}

/** Starts them with their own scripts. @param scripts besides authdaemond: imapd, pop3d, imapd-ssl */
export async function startCourier(namespace: Namespace, scripts: readonly string[]): Promise<ChildProcess> {
  const start = ['authdaemond', ...scripts].map((name) => `/usr/sbin/${name} start`).join(' && ')
  const child = namespace.spawnServer('sh', ['-c', `${start} && exec sleep infinity`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await until('Courier to greet', async () => {
    if (child.exitCode !== null) throw new Error(`Courier's start scripts ended with ${child.exitCode}`)
    try {
      const sessions = await Promise.all([
        ImapSession.open(namespace, '192.0.2.9'),
        PopSession.open(namespace, '192.0.2.9'),
      ])
      await Promise.all(sessions.map((session) => session.logout()))
      return true
    } catch {
      return false
    }
  })
  return child
}
