// A real tcpserver in a namespace. Debian 12 has no qmail: what it runs is a stand-in that decides as qmail-smtpd does,
// by RELAYCLIENT alone.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Family, Mta, type Server } from './mta.ts'
import { ENV } from './namespace.ts'
import { unpacked } from './programs.ts'

const QMAIL_SMTPD = '/var/qmail/bin/qmail-smtpd'

export const tcpserver = (
  packageName: 'ucspi-tcp' | 'ucspi-tcp-ipv6',
  families: readonly Family[],
  port = 25,
): Server => ({
  title: 'tcpserver 0.88',
  name: 'qmail',
  needs: [packageName],
  configure() {},
  start(namespace, printed) {
    const run = join(namespace.folder, 'run-qmail-smtpd')
    if (!printed.includes(` 25 ${QMAIL_SMTPD}`))
      throw new Error(`no 25 ${QMAIL_SMTPD} in what drac setup printed: ${printed}`)
    const command = printed.replace(` 25 ${QMAIL_SMTPD}`, ` ${port} sh ${resolve('test/interop/rcpthosts.sh')}`)
    // -H: no host names are looked up, there is no DNS here.
    writeFileSync(run, command.replace('exec tcpserver ', 'exec tcpserver -H '))
    const env = { PATH: `${unpacked(`${packageName}/usr/bin`)}:${ENV.PATH}` }
    return Mta.start(namespace, 'sh', ['/run/drac/run-qmail-smtpd'], { env, families, port })
  },
})
