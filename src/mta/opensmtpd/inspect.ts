// drac check --mta opensmtpd.
import { parsePrefix } from '../../lib/prefix.ts'
import { error, type Finding, ok, warning } from '../check/finding.ts'
import type { Inspection, Known } from '../check/inspection.ts'
import { mapAt, mapFindings } from '../check/map-file.ts'
import type { Places } from '../places.ts'
import { SMTPD_FILES } from './edit.ts'

/** Without "from" a match is for local clients. */
const LOCAL = ['127.0.0.0/8', '::1'].map(parsePrefix)

export function inspectOpensmtpd(places: Places, known: Known): Inspection {
  const path = places.file(...SMTPD_FILES)
  const text = places.read(path)
  if (text === undefined) {
    return { findings: [error(path, 'there is no such file', 'name smtpd.conf with --file')], trusted: undefined }
  }
  return { findings: smtpdFindings(text, path, places, known), trusted: LOCAL }
}

export function smtpdFindings(text: string, path: string, places: Places, known: Known): Finding[] {
  const lines = text.split('\n').map((raw, i) => ({ text: raw.replace(/\s*#.*$/, ''), where: `${path}:${i + 1}` }))
  const tables = lines.flatMap(({ text, where }) => {
    const [, name, type, argument] = /^\s*table\s+"?([\w.-]+)"?\s+(\w+):"?([^"\s]+)/.exec(text) ?? []
    return name !== undefined && /drac/i.test(`${name} ${argument}`)
      ? [{ name, type: type!, argument: argument!, where }]
      : []
  })
  return [
    ...lines.flatMap(({ text, where }) => openMatch(text, where)),
    ...(tables.length === 0
      ? [warning(path, 'smtpd does not ask drac: nobody relays because of a login', 'drac setup opensmtpd')]
      : []),
    ...tables.flatMap((table) => [
      ...tableFindings(table, places, known),
      ...(lines.some(({ text }) => /^\s*match\b/.test(text) && text.includes(`<${table.name}>`))
        ? [ok(table.where, `smtpd asks drac: ${table.type}:${table.argument}`)]
        : [
            warning(
              table.where,
              `no match uses <${table.name}>`,
              `match from src <${table.name}> for any action "relay"`,
            ),
          ]),
    ]),
    ...early(
      lines,
      tables.map(({ name }) => name),
    ),
  ]
}

/** `match from any for any` without a condition on the sender's authentication. */
function openMatch(text: string, where: string): Finding[] {
  if (!/^\s*match\b/.test(text) || !/\bfrom (any|all)\b/.test(text) || !/\bfor any\b/.test(text)) return []
  if (/\breject\b/.test(text) || /\bauth\b/.test(text) || /\btag\b/.test(text) || /\bmail-from\b/.test(text)) return []
  return [
    error(where, '"match from any for any": OPEN RELAY, every client is permitted', 'from local, or from src <drac>'),
  ]
}

/** The first match decides. */
function early(lines: readonly { text: string; where: string }[], names: readonly string[]): Finding[] {
  const ours = lines.findIndex(({ text }) =>
    names.some((name) => /^\s*match\b/.test(text) && text.includes(`<${name}>`)),
  )
  const reject = lines.findIndex(({ text }) => /^\s*match\b.*\bfrom (any|all)\b.*\bfor any\b.*\breject\b/.test(text))
  if (ours < 0 || reject < 0 || reject > ours) return []
  return [
    warning(
      lines[ours]!.where,
      `${lines[reject]!.where} rejects before drac is asked`,
      'put the match with drac before it',
    ),
  ]
}

interface Table {
  readonly type: string
  readonly argument: string
  readonly where: string
}

function tableFindings({ type, argument, where }: Table, places: Places, known: Known): Finding[] {
  if (type === 'socketmap') {
    return [
      error(
        where,
        'smtpd sends nothing to a socketmap table that is asked for clients: everybody gets 451, and smtpd ends when nothing listens',
        'drac setup opensmtpd',
      ),
    ]
  }
  if (type === 'db') {
    const format = mapAt(known.facts, argument)?.format
    return [
      ...(format !== undefined && format !== 'hash'
        ? [
            error(
              where,
              `dracd writes ${argument} as ${format}: smtpd takes hash only, and does not start`,
              'format = "hash" in its [[map]]',
            ),
          ]
        : []),
      ...mapFindings(where, argument, known),
    ]
  }
  if (type === 'file') {
    const updates = /smtpctl\s+update\s+table/.test(mapAt(known.facts, argument)?.command ?? '')
    return [
      ...(updates
        ? []
        : [
            warning(
              where,
              'smtpd does not see a changed file: table until it is told',
              'command = "smtpctl update table drac" in its [[map]], or better db:',
            ),
          ]),
      ...mapFindings(where, argument, known),
    ]
  }
  return type === 'sqlite' ? sqliteFindings(argument, where, places, known) : []
}

function sqliteFindings(argument: string, where: string, places: Places, { facts }: Known): Finding[] {
  const path = places.below(argument)
  const text = places.read(path)
  if (text === undefined) return [error(where, `there is no ${path}`, 'drac setup opensmtpd --via sqlite')]
  const query = /^\s*query_netaddr\s+(.*)$/m.exec(text)?.[1] ?? ''
  return [
    ...(/expiry\s*>|<=?\s*expiry/i.test(query)
      ? []
      : [
          error(
            path,
            'query_netaddr does not compare the expiry: a login permits for ever',
            'drac setup opensmtpd --via sqlite',
          ),
        ]),
    ...(/\[|trim|replace/.test(query)
      ? []
      : [
          warning(
            path,
            'smtpd asks for an IPv6 client in brackets, which the query does not take off: IPv6 clients are not found',
            'drac setup opensmtpd --via sqlite',
          ),
        ]),
    ...(text.includes(facts.store)
      ? []
      : [error(path, `it does not read dracd's database, ${facts.store}`, `dbpath ${facts.store}`)]),
  ]
}
