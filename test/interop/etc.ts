// A small /etc for a namespace: names and users come from these files alone, nothing asks the DNS, and a mail
// server's own configuration can stand where its manual says without touching the machine's.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What programs from the distribution read on any machine: the loader's cache, service and transport names. */
const COPIED = ['ld.so.cache', 'services', 'protocols', 'netconfig', 'rpc', 'localtime', 'gai.conf']

const USERS = [
  ['root', 0],
  ['nobody', 65534],
  ['postfix', 901],
  ['smmta', 902],
  ['smmsp', 903],
  ['_rpc', 904],
  ['Debian-exim', 906],
  ['opensmtpd', 907],
  ['opensmtpq', 908],
  ['dovecot', 909],
  ['dovenull', 910],
  ['drac', 930],
  ['alice', 1000],
] as const
const GROUPS = [
  ['nogroup', 65534],
  ['adm', 4],
  ['mail', 8],
  ['postdrop', 905],
  ['drac-report', 930],
] as const

/** @param hosts address and name of every host the mail server may look up */
export function writeEtc(directory: string, hosts: readonly (readonly [string, string])[]): void {
  for (const name of COPIED) {
    if (existsSync(join('/etc', name))) copyFileSync(join('/etc', name), join(directory, name))
  }
  const file = (name: string, lines: readonly string[]): void => {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), `${lines.join('\n')}\n`)
  }
  file(
    'passwd',
    USERS.map(([name, id]) => `${name}:x:${id}:${id}:${name}:/:/bin/sh`),
  )
  file(
    'group',
    [...USERS, ...GROUPS].map(([name, id]) => `${name}:x:${id}:`),
  )
  // A server with one socket for both families looks an IPv4 client up as ::ffff:a.b.c.d, and finds only that here.
  const mapped = hosts
    .filter(([address]) => !address.includes(':'))
    .map(([address, name]) => `::ffff:${address} ${name}`)
  file('hosts', ['127.0.0.1 localhost', '::1 localhost', ...hosts.map((entry) => entry.join(' ')), ...mapped])
  file(
    'nsswitch.conf',
    ['passwd', 'group', 'hosts', 'services', 'protocols', 'rpc', 'aliases'].map((db) => `${db}: files`),
  )
  file('resolv.conf', ['nameserver 127.0.0.1', 'options timeout:1 attempts:1'])
  for (const name of ['dovecot', 'drac', 'exim4', 'mail', 'postfix']) mkdirSync(join(directory, name))
}
