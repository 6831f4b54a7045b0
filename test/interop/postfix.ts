// A real Postfix in a namespace, with its configuration built from a snippet of integrations/postfix.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mta } from './mta.ts'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'

const LIB = unpacked('postfix/usr/lib/postfix')
const QUEUE = '/var/spool/postfix'
/** Made by "postfix check" where Postfix is installed. */
const OWNED = ['incoming', 'active', 'deferred', 'defer', 'bounce', 'hold', 'corrupt', 'trace', 'flush', 'private']

const MAIN = `
compatibility_level = 3.6
myhostname = mta.test
mydestination = mta.test
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = all
inet_protocols = all
local_recipient_maps =
alias_maps =
smtputf8_enable = no
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_junk_command_limit = 1000
daemon_directory = ${LIB}/sbin
command_directory = ${unpacked('postfix/usr/sbin')}
shlib_directory = ${LIB}
data_directory = /run/postfix-data
queue_directory = ${QUEUE}
maillog_file_prefixes = /run
maillog_file = /run/drac/mail.log
# the shared libraries stand where the loader does not look by itself
import_environment = MAIL_CONFIG MAIL_LOGTAG LD_LIBRARY_PATH
`

export interface PostfixOptions {
  /** Debian's master.cf has 'y' for smtpd */
  readonly chroot?: boolean
}

/** Starts master on port 25 of the namespace. @param snippet main.cf text that follows the base configuration */
export async function startPostfix(namespace: Namespace, snippet: string, options: PostfixOptions = {}): Promise<Mta> {
  const etc = join(namespace.folder, 'etc/postfix')
  writeFileSync(join(etc, 'main.cf'), `${MAIN}${snippet}`)
  writeFileSync(join(etc, 'master.cf'), masterCf(options.chroot ?? false))
  writeFileSync(join(etc, 'dynamicmaps.cf'), '')
  const folders = ['pid', 'public', 'maildrop', ...OWNED].map((name) => `${QUEUE}/${name}`)
  namespace.exec('mkdir', ['-p', '/run/postfix-data', ...folders])
  namespace.exec('chown', ['postfix', '/run/postfix-data', ...OWNED.map((name) => `${QUEUE}/${name}`)])
  namespace.exec('chown', ['postfix:postdrop', `${QUEUE}/public`, `${QUEUE}/maildrop`])
  return Mta.start(namespace, `${LIB}/sbin/master`, ['-c', '/etc/postfix', '-d'], { LD_LIBRARY_PATH: LIB })
}

/** Postfix's own master.cf, without what only delivers. */
function masterCf(chroot: boolean): string {
  const dist = readFileSync('.cache/interop/postfix/usr/share/postfix/master.cf.dist', 'utf8')
  const lines = dist
    .split('\n')
    .filter((line) => /^(smtp +inet|cleanup|qmgr|rewrite|proxymap|anvil|postlog|bounce|tlsmgr)/.test(line))
  return `${lines.map((line) => (chroot ? line : line.replace(/^((?:\S+ +){4})y/, '$1n'))).join('\n')}\n`
}
