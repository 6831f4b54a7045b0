// One line for what is wrong with a setting: its place, its name, what is wrong and the cure.
import * as v from 'valibot'
import { configError } from '../../lib/errors.ts'
import { type DescribedTable, EVERY_SETTING, MANUAL, settingNamed } from './describe.ts'
import { nearest } from './nearest.ts'
import { formatOrigin, type Sources } from './origin.ts'

/** Of several, an unknown name is the first to be told: what is missing is often what it was meant to be. */
export function complaint(issues: readonly v.BaseIssue<unknown>[], sources: Sources): Error {
  const issue = issues.find(isUnknownName) ?? issues[0]!
  const path = v.getDotPath(issue) ?? ''
  const reason = reasonOf(issue, path)
  const name = keyOfEntry(path, reason, sources) ?? path
  return configError('DRAC_SETTING', `${placeOf(name, reason, sources)}: ${name}: ${reason}`)
}

/** What is said of a whole entry, `map.0`, is said of the first of its settings that it names. */
function keyOfEntry(path: string, reason: string, sources: Sources): string | undefined {
  if (!/^\w+\.\d+$/.test(path)) return undefined
  const words = reason.replace(/^\w+ \/\S+: /, '').match(/\w+/g) ?? []
  return words.map((word) => `${path}.${word}`).find((name) => settingNamed(name) && sources.has(name))
}

/** The line of the setting; of the other one of a pair that does not go together; else the file. */
function placeOf(name: string, reason: string, sources: Sources): string {
  const others = reason.match(/\w+/g)?.filter((word) => settingNamed(word)) ?? []
  const found = [name, ...others].map((each) => sources.find(each)).find((origin) => origin !== undefined)
  return formatOrigin(found ?? sources.file)
}

const isUnknownName = ({ type, expected }: v.BaseIssue<unknown>): boolean =>
  type === 'strict_object' && expected === 'never'

function reasonOf(issue: v.BaseIssue<unknown>, name: string): string {
  if (isUnknownName(issue)) return unknownName(name)
  const message = leafMessage(issue)
  return message.startsWith('Invalid ') ? wrongKind(issue, name) : message
}

const KNOWN = [...MANUAL.map(({ name }) => name), ...EVERY_SETTING.map(({ name }) => name.replace('[]', ''))]

function unknownName(name: string): string {
  const table = MANUAL.find((each) => each.name === name.replace(/\.\d+$/, ''))
  if (table) return notThat(table)
  const [leaf, above] = [name.replace(/^.*\./, ''), name.replace(/\.?[^.]*$/, '').replace(/\.\d+$/, '')]
  const meant = nearest(above === '' ? leaf : `${above}.${leaf}`, KNOWN)
  if (meant === leaf) return `there is no such setting here; ${leaf} stands above the first [table]`
  return `there is no such setting; ${meant === undefined ? '' : `did you mean ${meant}? `}see dracd.toml(5)`
}

/** A union says only that nothing fitted; its last branch says what was wrong with the text. */
function leafMessage(issue: v.BaseIssue<unknown>): string {
  const inner = issue.type === 'union' ? issue.issues?.find((i) => i.type === 'raw_transform') : undefined
  return (inner ?? issue).message
}

function wrongKind({ received, type }: v.BaseIssue<unknown>, name: string): string {
  const setting = settingNamed(name)
  if (setting && received === 'undefined') return `is missing; every ${tableOf(name)} needs it`
  if (setting) return `must be ${setting.words}${received === 'Array' ? ', each in quotes' : `, not ${kind(received)}`}`
  const table = MANUAL.find((each) => each.name === name.replace(/\.\d+$/, ''))
  return table ? notThat(table) : `is of the wrong kind (${type}): not ${kind(received)}`
}

const notThat = ({ header }: DescribedTable): string => `is a table: write ${header} on a line of its own`

const tableOf = (name: string): string => MANUAL.find((table) => name.startsWith(`${table.name}.`))?.header ?? 'file'

const kind = (received: string): string =>
  ({ Object: 'a table', Array: 'a list', Date: 'a date' })[received] ?? received
