// The table of settings as the manual, the sample file and "drac config" go through it.
import * as v from 'valibot'
import { ABOUT, ARRAYS, type Setting, TABLES, TOP, type Written } from './table.ts'
import type { Said } from './types.ts'

export interface DescribedSetting {
  /** `lifetime`, `drac_rpc.listen`, `map[].path`. */
  readonly name: string
  /** As it stands in the file: `path`. */
  readonly key: string
  readonly row: Setting
  /** Of which kind it is: `an absolute path`. */
  readonly words: string
  readonly limits?: string
  readonly duration: boolean
  /** Of root and of the service; undefined when there is none. */
  readonly default?: Written
}

export interface DescribedTable {
  /** `''` for what stands above the first table. */
  readonly name: string
  /** `[drac_rpc]`, `[[map]]`, `''`. */
  readonly header: string
  /** Of which a file may hold several. */
  readonly several: boolean
  readonly about: string
  readonly settings: readonly DescribedSetting[]
}

type Rows = Readonly<Record<string, Setting>>

function described(prefix: string, rows: Rows): DescribedSetting[] {
  return Object.entries(rows).map(([key, row]) => {
    const { words, limits, duration = false } = saidOf(row.schema)
    return {
      name: `${prefix}${key}`,
      key,
      row,
      words,
      ...(limits === undefined ? {} : { limits }),
      duration,
      ...(row.required ? {} : { default: row.systemDefault ?? row.default }),
    }
  })
}

const PLAIN: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false', number: 'a number' }

/** What the schema says of itself, else the kind of its value. */
function saidOf(schema: v.GenericSchema): Said {
  const metadata = v.getMetadata(schema) as Partial<Said>
  const longest = stepsOf(schema).find((step) => step.type === 'max_length')?.requirement
  return {
    ...(longest !== undefined && { limits: `at most ${longest} characters` }),
    ...metadata,
    words: metadata.words ?? PLAIN[schema.type] ?? schema.type,
  }
}

type Piped = { readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[] }

/** What a schema does, one after the other. */
const stepsOf = (schema: v.GenericSchema): NonNullable<Piped['pipe']> => (schema as Piped).pipe ?? []

/** Every setting that there is, in the order of the manual. */
export const MANUAL: readonly DescribedTable[] = [
  { name: '', header: '', several: false, about: '', settings: described('', TOP) },
  ...Object.entries(TABLES).map(([name, rows]) => ({
    name,
    header: `[${name}]`,
    several: false,
    about: ABOUT[name as keyof typeof TABLES],
    settings: described(`${name}.`, rows),
  })),
  ...Object.entries(ARRAYS).map(([name, rows]) => ({
    name,
    header: `[[${name}]]`,
    several: true,
    about: ABOUT[name as keyof typeof ARRAYS],
    settings: described(`${name}[].`, rows),
  })),
]

export const EVERY_SETTING: readonly DescribedSetting[] = MANUAL.flatMap(({ settings }) => settings)

/** As the sample shows it. */
export const shownValue = ({ row, default: value }: DescribedSetting): Written =>
  (row.typical ? row.example : value) ?? row.example ?? row.default

/** The setting with this name, of whichever entry: `map.0.path` is `map[].path`, `trusted_clients.1` is in `trusted_clients`. */
export function settingNamed(name: string): DescribedSetting | undefined {
  const pattern = name.replace(/^(\w+)\.\d+\./, '$1[].').replace(/\.\d+$/, '')
  return EVERY_SETTING.find((setting) => setting.name === pattern)
}

/** A value as TOML. */
export const toml = (value: Written): string =>
  Array.isArray(value) ? `[${value.map(toml).join(', ')}]` : JSON.stringify(value).replaceAll('\x7f', '\\u007f')
