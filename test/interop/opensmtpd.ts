// A real OpenSMTPD in a namespace, with its tables where it was built to look for them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mta, type Server } from './mta.ts'
import { unpacked } from './programs.ts'

const SMTPD = unpacked('opensmtpd/usr/sbin/smtpd')

const config = (port: number): string => `
listen on 192.0.2.1 port ${port} hostname mta.test
listen on 2001:db8::1 port ${port} hostname mta.test
action "local" mbox
action "relay" relay
match from any for domain "mta.test" action "local"
`

const PREPARE = `set -e
mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd
chmod 711 /var/spool/smtpd
mount -t tmpfs -o mode=755 tmpfs /usr/libexec
mkdir /usr/libexec/opensmtpd
mount --bind ${unpacked('opensmtpd/usr/libexec/opensmtpd')} /usr/libexec/opensmtpd`

export const opensmtpdOn = (port: number): Server => ({
  title: 'OpenSMTPD 6.8.0p2',
  name: 'opensmtpd',
  needs: ['opensmtpd'],
  configure(namespace) {
    writeFileSync(join(namespace.folder, 'etc/smtpd.conf'), config(port))
    writeFileSync(join(namespace.folder, 'etc/mailname'), 'mta.test\n')
    namespace.exec('sh', ['-c', PREPARE])
  },
  write: { args: ['--program', SMTPD] },
  start: (namespace) => Mta.start(namespace, SMTPD, ['-F'], { port }),
})

export const opensmtpd = opensmtpdOn(25)
