// The settings: the file, then --set, then every default.
import { readFileSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import * as v from 'valibot'
import { configError, messageOf } from '../../lib/errors.ts'
import { complaint } from './complaint.ts'
import { DEFAULT, formatOrigin, type OriginOf, Sources } from './origin.ts'
import { SCHEMA, type Settings } from './schema.ts'

export const DEFAULT_CONFIG = '/etc/drac/dracd.toml'

export interface SettingsSource {
  /** --config; left out: /etc/drac/dracd.toml, which may be missing. */
  readonly file?: string | undefined
  /** `name=value` as given to --set, in order. */
  readonly set?: readonly string[]
}

type Tree = Record<string, unknown>

export interface ReadSettings {
  readonly settings: Settings
  /** The names of what the file and --set say. */
  readonly explicit: ReadonlySet<string>
  readonly originOf: OriginOf
}

/** Throws `config` with one line that names file, line, setting and cure. */
export function readSettings({ file, set = [] }: SettingsSource): ReadSettings {
  const path = file ?? DEFAULT_CONFIG
  const text = readText(path, file !== undefined)
  const tree = parseToml(text, path)
  const sources = new Sources(path, text)
  for (const assignment of set) sources.set(assign(tree, assignment), assignment)
  const result = v.safeParse(SCHEMA, tree, { abortPipeEarly: true })
  if (!result.success) throw complaint(result.issues, sources)
  const explicit = new Set(names(tree))
  const originOf: OriginOf = (name) => (isIn(tree, name) ? (sources.find(name) ?? sources.file) : DEFAULT)
  if (tree.trusted_clients !== undefined && tree.trusted_clients_file) {
    const where = formatOrigin(originOf('trusted_clients_file'))
    throw configError('DRAC_SETTING', `${where}: trusted_clients_file: trusted_clients is set too; keep one of them`)
  }
  return { settings: result.output, explicit, originOf }
}

/** Whether somebody wrote it: `map.0.path`, with the number of the entry. */
function isIn(tree: Tree, name: string): boolean {
  let at: unknown = tree
  for (const step of name.split('.')) {
    if (at === null || typeof at !== 'object') return false
    at = (at as Tree)[step]
  }
  return at !== undefined
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
    throw configError('DRAC_SETTINGS_FILE', `${path}:${error.line}: not TOML: ${syntaxReason(error, text)}`, error)
  }
}

/** What is wrong, in which line, and where the value began that did not end. */
function syntaxReason({ message, line }: TomlError, text: string): string {
  const lines = text.split('\n').slice(0, line)
  const said = message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')
  const quote = (at: number): string => `${lines[at]?.trim().slice(0, 80)}`
  const begin = lines.slice(0, line - 1).findLastIndex((each) => /^\s*["']?[\w.-]+["']?\s*=/.test(each))
  const open = begin >= 0 && /[[{"'][^\]}]*$/.test(lines[begin]!)
  return `${said}: ${quote(line - 1)}${open ? `; is line ${begin + 1} closed? ${quote(begin)}` : ''}`
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
      const cure = Array.isArray(next) ? `; write --set '${step}=[{...}]', whole` : ''
      throw configError('DRAC_SETTING', `--set ${assignment}: ${step} is not a table of settings${cure}`)
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

function names(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? names(value as Tree, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  )
}
