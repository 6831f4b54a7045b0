// drac's block in sendmail.mc: at its end, a FEATURE before the mailers; in a sendmail.cf at its end.
import { configError } from '../../lib/errors.ts'
import type { Change } from '../edit/apply.ts'
import { block, findBlock, type Markers, markers, withBlock } from '../edit/block.ts'
import type { Places } from '../places.ts'
import type { Plan } from '../plan.ts'

/** Throws `config` DRAC_MANUAL. */
export function editSendmail(plan: Plan, places: Places): Change[] {
  const path = places.file('/etc/mail/sendmail.mc')
  const text = places.read(path)
  if (text === undefined) throw manual(`there is no ${path}; name your .mc or .cf with --file`)
  const part = plan.parts.find(({ file }) => file.endsWith(extension(path)))
  if (!part) throw manual(`this way is for a sendmail.mc, not for ${path}`)
  return [{ path, content: path.endsWith('.cf') ? editCf(text, part.text) : editMc(text, part.text) }]
}

const extension = (path: string): string => (path.endsWith('.cf') ? '.cf' : '.mc')

export function editMc(text: string, body: string): string {
  const mark = markers('dnl')
  const rest = without(text, mark)
  refuseOther(rest, /^(?!dnl).*FEATURE\(\s*`?drac/m, "FEATURE(`drac')")
  refuseOther(rest, /^SLocal_check_rcpt\b/m, 'a ruleset Local_check_rcpt of its own')
  if (!/^FEATURE/m.test(body)) return withBlock(moved(text, mark, false), mark, body)
  const base = moved(text, mark, true)
  if (findBlock(base, mark)) return withBlock(base, mark, body)
  const lines = base.split('\n')
  const mailer = lines.findIndex((line) => /^\s*MAILER\(/.test(line))
  if (mailer < 0) throw manual('there is no MAILER line before which the FEATURE could stand')
  return [...lines.slice(0, mailer), `${block(mark, body)}${lines.slice(mailer).join('\n')}`].join('\n')
}

export function editCf(text: string, body: string): string {
  const mark = markers('#')
  refuseOther(
    without(text, mark),
    /^SLocal_check_rcpt\b[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*R/m,
    'rules in Local_check_rcpt',
  )
  refuseOther(without(text, mark), /^Kdrac\b/m, 'a map "drac"')
  return withBlock(text, mark, body)
}

function without(text: string, mark: Markers): string {
  const found = findBlock(text, mark)
  return found ? found.before + found.after : text
}

/** A block that stands on the wrong side of the mailers for what is to be written is taken out, to be written anew. */
function moved(text: string, mark: Markers, feature: boolean): string {
  const found = findBlock(text, mark)
  if (!found || /^FEATURE/m.test(found.inside) === feature) return text
  return `${found.before}${found.after}`.replace(/\n{2,}$/, '\n')
}

function refuseOther(text: string, pattern: RegExp, what: string): void {
  const found = pattern.exec(text)
  if (found) throw manual(`line ${text.slice(0, found.index).split('\n').length}: the file has ${what} already`)
}

const manual = (why: string): Error =>
  configError('DRAC_MANUAL', `${why}; put in by hand what "drac setup sendmail" prints, in place of what is there`)
