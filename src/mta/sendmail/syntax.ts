// m4 makes a .cf of the .mc in a temporary folder, and sendmail -bt reads it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChecker } from '../edit/run.ts'
import type { Places } from '../places.ts'
import type { Syntax } from '../plan.ts'

/** `/tmp/x.cf: line 12: unknown configuration line ...`; sendmail goes on and exits 0. */
const BAD = /: line \d+: |^\d{3} 5\.\d|No such map|not available|Undefined ruleset/m

export function sendmailSyntax(places: Places): Syntax {
  const path = places.file('/etc/mail/sendmail.mc')
  if (path.endsWith('.cf')) return test(places, path)
  const folder = mkdtempSync(join(tmpdir(), 'drac-mc-'))
  try {
    const cf = join(folder, 'sendmail.cf')
    const made = makeCf(places, path)
    if (made.state !== 'good') return made
    writeFileSync(cf, made.output)
    return test(places, cf)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Where the distribution's m4 files are: the .mc itself includes cf.m4 from there on Debian. */
function makeCf(places: Places, path: string): Syntax {
  const folder = `${places.below('/usr/share/sendmail/cf')}/`
  const includes = /^\s*include\(/m.test(places.read(path) ?? '')
  const cfM4 = includes ? [] : [`${folder}m4/cf.m4`]
  return runChecker('m4', [`-D_CF_DIR_=${folder}`, ...cfM4, path], { bad: /^m4:.*(ERROR|cannot)/im, missing: 'm4' })
}

function test(places: Places, cf: string): Syntax {
  const program = places.program(
    '/usr/libexec/sendmail/sendmail',
    '/usr/lib/sm.bin/sendmail',
    '/usr/sbin/sendmail',
    '/usr/lib/sendmail',
  )
  return runChecker(program, ['-bt', `-C${cf}`], { bad: BAD, input: '/quit\n', missing: 'sendmail' })
}
