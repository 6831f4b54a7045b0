// The settings: the file, then --set, then every default.
import { readFileSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import * as v from 'valibot'
import { configError, messageOf } from '../../lib/errors.ts'
import { lineOf } from './locate.ts'
import { SCHEMA, type Settings } from './schema.ts'

export const DEFAULT_CONFIG = '/etc/drac/dracd.toml'

export interface SettingsSource {
  /** --config; left out: /etc/drac/dracd.toml, which may be missing. */
  readonly file?: string | undefined
  /** `name=value` as given to --set, in order. */
  readonly set?: readonly string[]
}

type Tree = Record<string, unknown>

/** Throws `config` with one line that names file, line, setting and cure. */
export function readSettings({ file, set = [] }: SettingsSource): {
  settings: Settings
  explicit: ReadonlySet<string>
} {
  const path = file ?? DEFAULT_CONFIG
  const text = readText(path, file !== undefined)
  const tree = parseToml(text, path)
  const places = new Map<string, string>()
  for (const assignment of set) places.set(assign(tree, assignment), `--set ${assignment}`)
  const result = v.safeParse(SCHEMA, tree, { abortPipeEarly: true })
  if (!result.success) throw invalid(result.issues[0], (name) => placeOf(name, places, text, path))
  if (tree.trusted_clients !== undefined && tree.trusted_clients_file) {
    const where = placeOf('trusted_clients_file', places, text, path)
    throw configError('DRAC_SETTING', `${where}: trusted_clients_file: trusted_clients is set too; keep one of them`)
  }
  return { settings: result.output, explicit: new Set(names(tree)) }
}

function readText(path: string, required: boolean): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw configError('DRAC_SETTINGS_FILE', `${path}: cannot be read: ${messageOf(error)}`, error)
  }
}

function parseToml(text: string, path: string): Tree {
  try {
    return parse(text) as Tree
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const reason = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '')
    throw configError('DRAC_SETTINGS_FILE', `${path}:${error.line}: not TOML: ${reason}`, error)
  }
}

/** `drac_rpc.portmapper=off`: the value is TOML where it can be, otherwise the text itself. Returns the setting's name. */
function assign(tree: Tree, assignment: string): string {
  const equals = assignment.indexOf('=')
  const name = assignment.slice(0, equals).trim()
  if (equals < 0 || !/^[\w.]+$/.test(name)) {
    throw configError('DRAC_SETTING', `--set ${assignment}: write --set name=value`)
  }
  const steps = name.split('.')
  const last = steps.pop()!
  let at = tree
  for (const step of steps) {
    const next = at[step] ?? {}
    if (typeof next !== 'object' || Array.isArray(next)) {
      throw configError('DRAC_SETTING', `--set ${assignment}: ${step} is not a table of settings`)
    }
    at[step] = next
    at = next as Tree
  }
  at[last] = tomlValue(assignment.slice(equals + 1).trim())
  return name
}

function tomlValue(text: string): unknown {
  try {
    return parse(`value = ${text}`).value
  } catch {
    return text
  }
}

function invalid(issue: v.BaseIssue<unknown>, place: (name: string) => string): Error {
  const name = v.getDotPath(issue) ?? ''
  const unknown = issue.type === 'strict_object' && issue.expected === 'never'
  const reason = unknown ? 'there is no such setting; see dracd.toml(5)' : leafMessage(issue)
  return configError('DRAC_SETTING', `${place(name)}: ${name}: ${reason}`)
}

/** A union says only that nothing fitted; its last branch says what was wrong with the text. */
function leafMessage(issue: v.BaseIssue<unknown>): string {
  const inner = issue.type === 'union' ? issue.issues?.find((i) => i.type === 'raw_transform') : undefined
  return (inner ?? issue).message
}

function placeOf(name: string, places: ReadonlyMap<string, string>, text: string, path: string): string {
  for (const [set, place] of places) if (name === set || name.startsWith(`${set}.`)) return place
  const line = lineOf(text, name)
  return line === undefined ? path : `${path}:${line}`
}

function names(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? names(value as Tree, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  )
}
