// postconf reads main.cf and master.cf as Postfix does, and touches nothing.
import { dirname } from 'node:path'
import { runChecker } from '../edit/run.ts'
import type { Places } from '../places.ts'
import type { Syntax } from '../plan.ts'

/** What it says while it goes on: a name that is no parameter may be an administrator's own. */
const BAD = /: (fatal|error|panic): /

export function postfixSyntax(places: Places): Syntax {
  const directory = dirname(places.file('/etc/postfix/main.cf'))
  const postconf = places.program('/usr/sbin/postconf', '/usr/local/sbin/postconf')
  const main = runChecker(postconf, ['-c', directory, '-n'], { bad: BAD, missing: 'postconf' })
  return main.state === 'good' ? runChecker(postconf, ['-c', directory, '-M'], { bad: BAD, missing: 'postconf' }) : main
}
