// smtpd.conf: drac's table and its match at the end. The first match decides, so nothing that stands before changes.
import { configError } from '../../lib/errors.ts'
import type { Change } from '../edit/apply.ts'
import { findBlock, markers, withBlock } from '../edit/block.ts'
import type { Places } from '../places.ts'
import type { Plan } from '../plan.ts'

export const SMTPD_FILES = ['/etc/smtpd.conf', '/etc/opensmtpd/smtpd.conf', '/etc/mail/smtpd.conf']

/** Throws `config` DRAC_MANUAL. */
export function editOpensmtpd(plan: Plan, places: Places): Change[] {
  const path = places.file(...SMTPD_FILES)
  const text = places.read(path)
  if (text === undefined) throw configError('DRAC_MANUAL', `there is no ${path}; name smtpd.conf with --file`)
  return plan.parts.map(({ file, text: part }) =>
    file.endsWith('/smtpd.conf')
      ? { path, content: editSmtpdConf(text, part) }
      : { path: places.below(file), content: part },
  )
}

export function editSmtpdConf(text: string, body: string): string {
  const mark = markers('#')
  const found = findBlock(text, mark)
  const rest = found ? found.before + found.after : text
  if (/^\s*table\s+drac\b/m.test(rest)) throw manual('a table "drac" stands there already')
  if (/^\s*(accept|reject)\s+from\b/m.test(rest)) throw manual('it is in the grammar of OpenSMTPD before 6.4')
  const reject = /^\s*match\b(?=.*\b(from any|from all)\b)(?=.*\bfor any\b).*$/m.exec(rest)
  if (reject) throw manual(`"${reject[0].trim()}" decides before drac would be asked`)
  return withBlock(
    text,
    mark,
    body.replaceAll('"relay"', () => JSON.stringify(relayAction(rest))),
  )
}

/** The only action that relays. */
function relayAction(text: string): string {
  const actions = [...text.matchAll(/^\s*action\s+"?([\w.-]+)"?\s+relay\b/gm)].map((found) => found[1]!)
  if (actions.length === 1) return actions[0]!
  if (actions.includes('relay')) return 'relay'
  if (actions.length === 0) throw manual('there is no action that relays')
  throw manual(`there are several actions that relay (${actions.join(', ')})`)
}

const manual = (why: string): Error =>
  configError('DRAC_MANUAL', `smtpd.conf: ${why}; put in by hand what "drac setup opensmtpd" prints`)
