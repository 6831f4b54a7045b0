// A real sendmail in a namespace.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mta, type Server } from './mta.ts'
import { unpacked } from './programs.ts'

const CF = unpacked('sendmail/usr/share/sendmail/cf/')

export const sendmailOn = (port: number): Server => ({
  title: 'sendmail 8.17.1.9',
  name: 'sendmail',
  needs: ['sendmail'],
  configure(namespace) {
    const etc = join(namespace.folder, 'etc/mail')
    writeFileSync(join(etc, 'service.switch'), 'hosts files\naliases files\npasswd files\n')
    writeFileSync(
      join(etc, 'sendmail.mc'),
      readFileSync('test/interop/sendmail-base.mc', 'utf8').replace('Port=25', `Port=${port}`),
    )
    namespace.exec('mkdir', ['-p', '-m', '700', '/var/spool/mqueue'])
  },
  write: { args: ['--mta-root', unpacked('sendmail'), '--file', '/etc/mail/sendmail.mc'] },
  start(namespace) {
    const cf = namespace.exec('m4', [`-D_CF_DIR_=${CF}`, `${CF}m4/cf.m4`, '/etc/mail/sendmail.mc'])
    writeFileSync(join(namespace.folder, 'etc/mail/sendmail.cf'), cf)
    const program = unpacked('sendmail/usr/libexec/sendmail/sendmail')
    return Mta.start(namespace, program, ['-bD', '-C/etc/mail/sendmail.cf'], { port })
  },
})

export const sendmail = sendmailOn(25)
