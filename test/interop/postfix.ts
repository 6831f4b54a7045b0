// A real Postfix in a namespace.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mta, type Server } from './mta.ts'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'

const LIB = unpacked('postfix/usr/lib/postfix')
const MAPS = unpacked('postfix-maps/usr/lib/postfix')
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
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
local_recipient_maps =
alias_maps =
smtputf8_enable = no
# an smtpd that has met a broken map, or a dead socket, may answer so to its end: one for each session
max_use = 1
# and one that died of it is started again after a minute
service_throttle_time = 2s
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

/** postfix-sqlite and the like bring one such line each. */
const DYNAMICMAPS = ['sqlite', 'cdb', 'lmdb']
  .map((type) => `${type} ${MAPS}/postfix-${type}.so dict_${type}_open mkmap_${type}_open\n`)
  .join('')
  .replace(' mkmap_sqlite_open', '')

/** @param chroot Debian's master.cf has 'y' for smtpd */
export const postfix = ({ chroot, port = 25 }: { chroot: boolean; port?: number }): Server => ({
  title: 'Postfix 3.7.11',
  name: 'postfix',
  needs: ['postfix', 'postfix-maps'],
  configure(namespace) {
    const etc = join(namespace.folder, 'etc/postfix')
    writeFileSync(join(etc, 'main.cf'), MAIN)
    writeFileSync(join(etc, 'master.cf'), masterCf(chroot, port))
    writeFileSync(join(etc, 'dynamicmaps.cf'), DYNAMICMAPS)
    makeFolders(namespace)
  },
  write: {
    args: ['--mta-root', unpacked('postfix'), '--file', '/etc/postfix/main.cf'],
    env: { LD_LIBRARY_PATH: LIB },
  },
  start: (namespace) =>
    Mta.start(namespace, `${LIB}/sbin/master`, ['-c', '/etc/postfix', '-d'], { env: { LD_LIBRARY_PATH: LIB }, port }),
})

function makeFolders(namespace: Namespace): void {
  const folders = ['pid', 'public', 'maildrop', ...OWNED].map((name) => `${QUEUE}/${name}`)
  namespace.exec('mkdir', ['-p', '/run/postfix-data', ...folders])
  namespace.exec('chown', ['postfix', '/run/postfix-data', ...OWNED.map((name) => `${QUEUE}/${name}`)])
  namespace.exec('chown', ['postfix:postdrop', `${QUEUE}/public`, `${QUEUE}/maildrop`])
}

/** Postfix's own master.cf, without what only delivers. */
function masterCf(chroot: boolean, port: number): string {
  const dist = readFileSync('.cache/interop/postfix/usr/share/postfix/master.cf.dist', 'utf8')
  const lines = dist
    .split('\n')
    .filter((line) => /^(smtp +inet|cleanup|qmgr|rewrite|proxymap|anvil|postlog|bounce|tlsmgr)/.test(line))
    .map((line) => (port === 25 ? line : line.replace(/^smtp +inet/, `${port} inet`)))
  return `${lines.map((line) => (chroot ? line : line.replace(/^((?:\S+ +){4})y/, '$1n'))).join('\n')}\n`
}
