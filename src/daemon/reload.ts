// Which settings SIGHUP cannot change.
import type { Settings } from './settings/schema.ts'
import { ARRAYS, type Setting, TABLES, TOP } from './settings/table.ts'

type Tree = Readonly<Record<string, unknown>>

/** Names of settings that differ and take effect at the next start only. */
export function needRestart(before: Settings, after: Settings): string[] {
  return [
    ...changed(TOP, before, after),
    ...Object.entries(TABLES).flatMap(([table, rows]) =>
      changed(rows, (before as Tree)[table] as Tree, (after as Tree)[table] as Tree).map((name) => `${table}.${name}`),
    ),
    ...Object.entries(ARRAYS).flatMap(([name, rows]) =>
      Object.values(rows).some(({ reload }) => !reload) && differ((before as Tree)[name], (after as Tree)[name])
        ? [name]
        : [],
    ),
  ]
}

const changed = (rows: Readonly<Record<string, Setting>>, before: Tree, after: Tree): string[] =>
  Object.entries(rows).flatMap(([name, { reload }]) => (!reload && differ(before[name], after[name]) ? [name] : []))

const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b)
