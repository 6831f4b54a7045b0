// An ACL is a program: where drac's statements belong in it only its author knows. The author puts two marker lines there,
// and from then on what stands between them is kept by this program.
import { configError } from '../../lib/errors.ts'
import type { Change } from '../edit/apply.ts'
import { findBlock, markers, withBlock } from '../edit/block.ts'
import type { Places } from '../places.ts'
import type { Plan } from '../plan.ts'

export const EXIM_FILES = [
  '/etc/exim4/exim4.conf',
  '/etc/exim4/conf.d/acl/30_exim4-config_check_rcpt',
  '/etc/exim4/exim4.conf.template',
  '/etc/exim/exim.conf',
  '/etc/exim.conf',
]

/** Throws `config` DRAC_MANUAL. */
export function editExim(plan: Plan, places: Places): Change[] {
  const path = places.file(...EXIM_FILES)
  const text = places.read(path)
  if (text === undefined) throw configError('DRAC_MANUAL', `there is no ${path}; name Exim's configuration with --file`)
  const mark = markers('#')
  if (!findBlock(text, mark)) {
    throw configError(
      'DRAC_MANUAL',
      `${path}: where in the ACL drac belongs cannot be known: put the two lines "${mark.begin}" and "${mark.end}" into ` +
        'your RCPT ACL (acl_check_rcpt), before the statement that says "relay not permitted", and run this again',
    )
  }
  return [{ path, content: withBlock(text, mark, plan.parts[0]!.text) }]
}
