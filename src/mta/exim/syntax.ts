// exim -bV reads the configuration; ACL statements are parsed too, what they expand is not.
import { runChecker } from '../edit/run.ts'
import type { Places } from '../places.ts'
import type { Syntax } from '../plan.ts'
import { EXIM_FILES } from './edit.ts'

const PROGRAMS = ['/usr/sbin/exim4', '/usr/sbin/exim', '/usr/exim/bin/exim']

/** Debian's pieces are no configuration by themselves: update-exim4.conf joins and checks them. */
export function eximSyntax(places: Places): Syntax {
  const path = places.file(...EXIM_FILES)
  const options = { bad: /^Exim configuration error|^exim: /m, missing: 'exim' }
  if (!/exim4\.conf\.template$|\/conf\.d\//.test(path))
    return runChecker(places.program(...PROGRAMS), ['-bV', '-C', path], options)
  const update = places.below('/usr/sbin/update-exim4.conf')
  return runChecker(update, ['--check'], { ...options, missing: 'update-exim4.conf' })
}
