// Settings as they would stand in the file, from what was read.
import { writeDuration } from '../../lib/duration.ts'
import { type Prefix, relayKey } from '../../lib/prefix.ts'
import { type Endpoint, formatEndpoint } from '../../net/endpoint.ts'
import { type DescribedSetting, MANUAL } from './describe.ts'
import type { Settings } from './schema.ts'
import type { Written } from './table.ts'

export interface WrittenSetting {
  /** `map.0.path`; `map[].path` when there is no such entry. */
  readonly name: string
  readonly setting: DescribedSetting
  /** Undefined when there is no such entry. */
  readonly value?: Written
}

type Tree = Readonly<Record<string, unknown>>

/** Every setting, in the order of the manual. */
export function writtenSettings(settings: Settings): WrittenSetting[] {
  const tree: Tree = settings
  return MANUAL.flatMap((table) => {
    const of = (prefix: string, rows: Tree): WrittenSetting[] =>
      table.settings.map((setting) => ({
        name: `${prefix}${setting.key}`,
        setting,
        value: written(rows[setting.key], setting),
      }))
    if (table.name === '') return of('', tree)
    if (!table.several) return of(`${table.name}.`, tree[table.name] as Tree)
    const entries = tree[table.name] as readonly Tree[]
    if (entries.length === 0) return table.settings.map((setting) => ({ name: setting.name, setting }))
    return entries.flatMap((entry, i) => of(`${table.name}.${i}.`, entry))
  })
}

function written(value: unknown, { duration }: DescribedSetting): Written {
  if (duration && typeof value === 'number') return writeDuration(value)
  if (Array.isArray(value)) return value.map(text)
  return typeof value === 'object' ? text(value) : (value as Written)
}

function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if ('transport' in value) return formatEndpoint(value as Endpoint)
  return 'network' in value ? relayKey((value as Prefix).network, (value as Prefix).width) : String(value)
}
