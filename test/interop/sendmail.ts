// A real sendmail in a namespace, with its configuration built from a snippet of integrations/sendmail.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mta } from './mta.ts'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'

const CF = unpacked('sendmail/usr/share/sendmail/cf/')
const BASE = readFileSync('test/interop/sendmail-base.mc', 'utf8')

/**
 * Starts `sendmail -bD` on port 25 of the namespace.
 * @param snippet m4 text of integrations/sendmail: FEATUREs go before the mailers, rulesets to the end
 */
export async function startSendmail(namespace: Namespace, snippet: string): Promise<Mta> {
  const mc = /^FEATURE/m.test(snippet) ? BASE.replace('MAILER', `${snippet}MAILER`) : BASE + snippet
  const etc = join(namespace.folder, 'etc/mail')
  writeFileSync(join(etc, 'service.switch'), 'hosts files\naliases files\npasswd files\n')
  writeFileSync(join(etc, 'sendmail.mc'), mc)
  writeFileSync(
    join(etc, 'sendmail.cf'),
    namespace.exec('m4', [`-D_CF_DIR_=${CF}`, `${CF}m4/cf.m4`, '/etc/mail/sendmail.mc']),
  )
  namespace.exec('mkdir', ['-p', '-m', '700', '/var/spool/mqueue'])
  return Mta.start(namespace, unpacked('sendmail/usr/libexec/sendmail/sendmail'), ['-bD', '-C/etc/mail/sendmail.cf'])
}
