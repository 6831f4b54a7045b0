// Where a setting's value comes from.
import { lineOf } from './locate.ts'

export type Origin =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly file: string; readonly line?: number }
  | { readonly from: 'set' | 'flag'; readonly text: string }

export type OriginOf = (name: string) => Origin

export const DEFAULT: Origin = { from: 'default' }

/** `/etc/drac/dracd.toml:3`, `--set lifetime=1h`, `rpc.dracd -e 45`, `default`. */
export function formatOrigin(origin: Origin): string {
  if (origin.from === 'default') return 'default'
  if (origin.from === 'file') return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`
  return origin.text
}

/** What was read: a file's text, and --set assignments by the name that each sets. */
export class Sources {
  readonly #file: string
  readonly #text: string
  readonly #sets = new Map<string, string>()

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
  }

  set(name: string, assignment: string): void {
    this.#sets.set(name, `--set ${assignment}`)
  }

  /** Of a setting that is in one of them; undefined when its name is found in neither. */
  find(name: string): Origin | undefined {
    for (const [set, text] of this.#sets) if (name === set || name.startsWith(`${set}.`)) return { from: 'set', text }
    const line = lineOf(this.#text, name)
    return line === undefined ? undefined : { from: 'file', file: this.#file, line }
  }

  /** Whether the setting itself is there, not only its table. */
  has(name: string): boolean {
    const entry = name.replace(/\.[^.]*$/, '')
    const [own, table] = [this.find(name), this.find(entry)]
    return own !== undefined && (own.from === 'set' || JSON.stringify(own) !== JSON.stringify(table))
  }

  get file(): Origin {
    return { from: 'file', file: this.#file }
  }
}
