// smtpd -n reads the configuration and says "configuration OK".
import { runChecker } from '../edit/run.ts'
import type { Places } from '../places.ts'
import type { Syntax } from '../plan.ts'
import { SMTPD_FILES } from './edit.ts'

export function opensmtpdSyntax(places: Places): Syntax {
  const program = places.program('/usr/sbin/smtpd', '/usr/local/sbin/smtpd')
  return runChecker(program, ['-n', '-f', places.file(...SMTPD_FILES)], { missing: 'smtpd' })
}
