// Where a rotated log goes: beside the log, with a number or a date in its name.
import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'

/** `.1`, `-20261125`, `.2026-11-25T10`; never `.1.gz`. */
const ROTATED = /^[._-]\d[\d._T-]{0,30}$/
/** The newest only, in a directory of very many. */
const MOST = 64

export interface Sibling {
  readonly path: string
  readonly stats: Stats
}

/** Whether `name` is `log` after a rotation: `mail.log.1`, `mail.log-20261125`, `mail-20261125.log` for `mail.log`. */
export function isRotated(name: string, log: string): boolean {
  if (name.startsWith(log)) return ROTATED.test(name.slice(log.length))
  const extension = extname(log)
  const stem = log.slice(0, log.length - extension.length)
  if (extension === '' || !name.startsWith(stem) || !name.endsWith(extension)) return false
  return ROTATED.test(name.slice(stem.length, -extension.length))
}

/** The rotated files of a log, by the time of their last change, oldest first; where the log is a link, also beside what it leads to. */
export async function siblings(path: string): Promise<readonly Sibling[]> {
  const real = await realpath(path).catch(() => path)
  const places = new Set([path, join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)), real])
  const found = new Map<string, Sibling>()
  for (const place of places)
    for (const name of await readdir(dirname(place)).catch(() => [])) {
      if (!isRotated(name, basename(place))) continue
      const file = join(dirname(place), name)
      const stats = await stat(file).catch(() => undefined)
      if (stats?.isFile()) found.set(`${stats.dev} ${stats.ino}`, { path: file, stats })
    }
  return [...found.values()].sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs).slice(-MOST)
}
