// main.cf with drac's check in its smtpd_relay_restrictions; everything of the administrator's stays where it is.
import { configError } from '../../lib/errors.ts'
import type { Change } from '../edit/apply.ts'
import { block, findBlock, markers } from '../edit/block.ts'
import type { Places } from '../places.ts'
import type { Plan } from '../plan.ts'
import { type Parameter, parameter, parseMainCf } from './main-cf.ts'
import { asksDrac, isRefusal, parseRestrictions, type Restriction } from './restrictions.ts'

const NAME = 'smtpd_relay_restrictions'
const MARK = markers('#')
/** What Postfix has when main.cf says nothing, since 2.10 and compatibility_level 1. */
const DEFAULT = 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination'

/** Which of the restrictions in the block is drac's, for the next time. */
const OWN = /; its own is: (.*)$/m

/** Throws `config` DRAC_MANUAL. */
export function editPostfix(plan: Plan, places: Places): Change[] {
  const path = places.file('/etc/postfix/main.cf')
  const text = places.read(path)
  if (text === undefined) throw configError('DRAC_MANUAL', `there is no ${path}; name it with --file`)
  const directory = path.slice(0, path.lastIndexOf('/'))
  refuseOverride(places.read(`${directory}/master.cf`) ?? '', directory)
  return plan.parts.map(({ file, text: part }) =>
    file.endsWith('/main.cf')
      ? { path, content: editMainCf(text, part) }
      : { path: `${directory}/${file.slice(file.lastIndexOf('/') + 1)}`, content: part },
  )
}

/** @param snippet text with an smtpd_relay_restrictions that asks drac. Throws `config` DRAC_MANUAL. */
export function editMainCf(text: string, snippet: string): string {
  const check = parseRestrictions(parameter(parseMainCf(snippet), NAME)!.value).find((each) => asksDrac(each, [':']))!
  const definitions = parseMainCf(text).filter(({ name }) => name === NAME)
  if (definitions.length > 1) {
    const lines = definitions.map(({ line }) => line).join(' and ')
    throw manual(`${NAME} is set more than once, on lines ${lines}: keep one of them`)
  }
  const [present] = definitions
  const before = OWN.exec(findBlock(text, MARK)?.inside ?? '')?.[1]
  const administrators = parseRestrictions(present?.value ?? DEFAULT).filter((each) => each.text !== before)
  const list = insert(administrators, check, present)
  const body = `# Written by "drac setup postfix --write"; its own is: ${check.text}\n${NAME} = ${laidOut(list, check)}`
  return place(text, present, body)
}

/** The check goes right before the first refusal, after permit_auth_destination. */
function insert(present: readonly Restriction[], check: Restriction, at: Parameter | undefined): Restriction[] {
  const list = present.filter((each) => !asksDrac(each))
  const unknown = list.find(({ verb }) => !/^(permit|check|reject|defer)(_|$)/.test(verb) || verb === 'permit')
  const where = at ? `line ${at.line}: ` : ''
  if (unknown) throw manual(`${where}"${unknown.text}" in ${NAME} is beyond this program`)
  const refusal = list.findIndex(isRefusal)
  if (refusal < 0) throw manual(`${where}${NAME} does not end with reject_unauth_destination or the like`)
  const local = list.findIndex(({ verb }) => verb === 'permit_auth_destination')
  if (local > refusal) throw manual(`${where}permit_auth_destination stands after ${list[refusal]!.verb}`)
  if (local < 0 && !list[refusal]!.verb.endsWith('_unauth_destination')) {
    throw manual(
      `${where}${NAME} refuses mail to your own domains too: nothing may be inserted before its "${list[refusal]!.verb}"`,
    )
  }
  const own = local < 0 ? [{ text: 'permit_auth_destination', verb: 'permit_auth_destination', argument: '' }] : []
  return [...list.slice(0, refusal), ...own, check, ...list.slice(refusal)]
}

function laidOut(list: readonly Restriction[], check: Restriction): string {
  const at = list.indexOf(check)
  const line = (part: readonly Restriction[]): string => part.map(({ text }) => text).join(', ')
  return [line(list.slice(0, at)), check.text, line(list.slice(at + 1))].filter((part) => part !== '').join(',\n    ')
}

/** In the block that is there, in place of the definition, or at the end. */
function place(text: string, present: Parameter | undefined, body: string): string {
  const found = findBlock(text, MARK)
  if (found) {
    const inside = parseMainCf(found.inside)
    if (inside.some(({ name }) => name !== NAME))
      throw manual('between the markers stands more than drac wrote: take it out')
    if (present && !inside.some(({ name }) => name === NAME))
      throw manual(`${NAME} stands outside the markers: delete the markers`)
    return found.before + block(MARK, body) + found.after
  }
  if (!present) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}\n${block(MARK, body)}`
  const lines = text.split('\n')
  const comments = lines.slice(present.line - 1, present.lastLine).filter((line) => /^\s*#/.test(line))
  const kept = comments.map((line) => `${line}\n`).join('')
  const before = lines.slice(0, present.line - 1).map((line) => `${line}\n`)
  return before.join('') + kept + block(MARK, body) + lines.slice(present.lastLine).join('\n')
}

/** master.cf may set the list for its smtpd, and main.cf is then not heard. */
function refuseOverride(master: string, directory: string): void {
  let service = ''
  for (const line of master.split('\n')) {
    if (/^[^\s#]/.test(line)) service = line
    if (/^\s*#/.test(line) || !/^smtp\s+inet|^\S+:smtp\s+inet|^(\S+:)?25\s+inet|^smtpd\s+pass/.test(service)) continue
    if (line.includes(`-o ${NAME}`) || new RegExp(`-o\\s*\\{?\\s*${NAME}`).test(line)) {
      throw manual(`${directory}/master.cf sets ${NAME} for its smtp service, and main.cf is not heard there`)
    }
  }
}

const manual = (why: string): Error =>
  configError('DRAC_MANUAL', `${why}; edit ${NAME} by hand as "drac setup postfix" prints it`)
