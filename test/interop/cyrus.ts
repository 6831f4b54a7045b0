// A real Cyrus IMAP server in a namespace: master, imapd, pop3d and notifyd, with users in /etc/sasldb2.
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImapSession, type MailPorts, PORTS, PopSession } from './mail-client.ts'
import type { Namespace, NamespaceOptions } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

const LIB = '/usr/lib/cyrus'
const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
/** Where Debian's package has its programs and libraries: dracd runs cyr_info there. */
export const CYRUS_BINDS: NonNullable<NamespaceOptions['binds']> = [
  [unpacked('cyrus/usr/lib/cyrus'), LIB],
  ...['libcyrus', 'libcyrus_imap', 'libcyrus_min', 'libcyrus_sieve'].map(
    (name) => [unpacked(`cyrus/usr/lib/${TRIPLET}/${name}.so.0.0.0`), `/usr/lib/${TRIPLET}/${name}.so.0`] as const,
  ),
]
export const PASSWORD = 'secret'

/** As Debian's package has it, as far as it matters here, with users in a file and mailboxes made at the first login. */
const IMAPD_CONF = `configdirectory: /var/lib/cyrus
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: /var/spool/cyrus/mail
altnamespace: no
unixhierarchysep: no
popminpoll: 0
autocreate_quota: 100000
umask: 077
allowplaintext: yes
allowanonymouslogin: yes
username_tolower: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_mech_list: PLAIN LOGIN
lmtpsocket: /run/cyrus/socket/lmtp
idlesocket: /run/cyrus/socket/idle
notifysocket: /run/cyrus/socket/notify
syslog_prefix: cyrus
servername: mta.test
`

const cyrusConf = ({ imap, pop3 }: MailPorts): string => `START {
  recover cmd="${LIB}/bin/ctl_cyrusdb -r"
}
SERVICES {
  imap cmd="imapd -U 30" listen="${imap}" prefork=0 maxchild=100
  pop3 cmd="pop3d -U 30" listen="${pop3}" prefork=0 maxchild=50
  notify cmd="notifyd" listen="/run/cyrus/socket/notify" proto="udp" prefork=1
}
EVENTS {
}
`

/** The user that Cyrus runs as; to be made before "drac setup" puts it into a group. */
export function addCyrusUser({ folder }: Namespace): void {
  appendFileSync(join(folder, 'etc/passwd'), 'cyrus:x:931:8:Cyrus:/var/lib/cyrus:/bin/sh\n')
}

/** @param snippet lines for imapd.conf, in place of those of the same names. Resolves when both services greet. */
export async function startCyrus(
  namespace: Namespace,
  snippet: string,
  users: readonly string[],
  ports = PORTS,
): Promise<void> {
  const etc = join(namespace.folder, 'etc')
  const replaced = new Set([...snippet.matchAll(/^(\w+):/gm)].map(([, name]) => name))
  const kept = IMAPD_CONF.split('\n').filter((line) => !replaced.has(line.split(':')[0]!))
  writeFileSync(join(etc, 'imapd.conf'), `${kept.join('\n')}${snippet}`)
  writeFileSync(join(etc, 'cyrus.conf'), cyrusConf(ports))
  const folders = ['/var/lib/cyrus/socket', '/var/spool/cyrus/mail']
  const run = ['socket', 'proc', 'lock'].map((name) => `/run/cyrus/${name}`)
  namespace.exec('mkdir', ['-p', ...folders, ...run])
  for (const user of users) addMailUser(namespace, user)
  namespace.exec('chown', ['-R', 'cyrus:mail', '/var/lib/cyrus', '/var/spool/cyrus', '/run/cyrus', '/etc/sasldb2'])
  const master = namespace.spawnServer(`${LIB}/bin/master`, ['-D'], { stdio: 'ignore' })
  await until('Cyrus to greet', async () => {
    if (master.exitCode !== null) throw new Error(`Cyrus' master ended with ${master.exitCode}`)
    return (await greets(namespace, ImapSession, ports.imap)) && greets(namespace, PopSession, ports.pop3)
  })
}

async function greets(
  namespace: Namespace,
  protocol: typeof ImapSession | typeof PopSession,
  port: number,
): Promise<boolean> {
  try {
    await (await protocol.open(namespace, '192.0.2.9', { port })).logout()
    return true
  } catch {
    return false
  }
}

function addMailUser(namespace: Namespace, user: string): void {
  const saslpasswd2 = unpacked('cyrus/usr/sbin/saslpasswd2')
  namespace.exec(saslpasswd2, ['-p', '-c', '-u', 'mta.test', user], { input: PASSWORD })
}
