// A real Exim (exim4-daemon-heavy) in a namespace.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mta, type Server } from './mta.ts'
import { unpacked } from './programs.ts'

const EXIM = unpacked('exim/usr/sbin/exim4')

/** Shaped as Debian's own: two marker lines stand where its page says that drac belongs. */
const config = (port: number): string => `
primary_hostname = mta.test
domainlist local_domains = mta.test
domainlist relay_to_domains =
hostlist relay_from_hosts = <; 127.0.0.1 ; ::1
acl_smtp_rcpt = acl_check_rcpt
spool_directory = /var/spool/exim4
log_file_path = /var/spool/exim4/log/%slog
daemon_smtp_ports = ${port}
local_interfaces = <; 0.0.0.0 ; ::0
pid_file_path = /run/exim.pid
rfc1413_query_timeout = 0s
keep_environment =
smtp_accept_max = 0

begin acl
acl_check_rcpt:
  accept domains = +local_domains : +relay_to_domains
  accept hosts = +relay_from_hosts
  # BEGIN drac
  # END drac
  deny message = relay not permitted

begin routers
begin transports
`

export const eximOn = (port: number): Server => ({
  title: 'Exim 4.96',
  name: 'exim',
  needs: ['exim'],
  configure(namespace) {
    writeFileSync(join(namespace.folder, 'etc/exim4/exim4.conf'), config(port))
    namespace.exec('mkdir', ['-p', '/var/spool/exim4/log'])
    namespace.exec('chown', ['-R', 'Debian-exim:Debian-exim', '/var/spool/exim4'])
  },
  write: { args: ['--program', EXIM] },
  start: (namespace) => Mta.start(namespace, EXIM, ['-bdf'], { port }),
})

export const exim = eximOn(25)
