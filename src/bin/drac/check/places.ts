// Files and folders that others than root and dracd could change, and maps that a dead daemon has left.
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { mapEntries } from '../../../daemon/map-entries.ts'
import { storePath } from '../../../daemon/open-store.ts'
import { DEFAULT_CONFIG } from '../../../daemon/settings/read.ts'
import type { Settings } from '../../../daemon/settings/schema.ts'
import { error, type Finding } from '../../../mta/check/finding.ts'

const WORLD_WRITABLE = 0o002
const STICKY = 0o1000

/** Whoever can write to one of these can let anybody relay. */
export function permissionFindings(settings: Settings, config = DEFAULT_CONFIG): Finding[] {
  const store = storePath(settings)
  const control = settings.control.transport === 'unix' ? [settings.control.path] : []
  const sockets = Object.values(settings).flatMap((value) =>
    value !== null && typeof value === 'object' && 'listen' in value
      ? (value.listen as readonly { transport?: string; path?: string }[]).flatMap(({ path }) => path ?? [])
      : [],
  )
  const files = [
    config,
    settings.trusted_clients_file,
    store,
    `${store}-wal`,
    `${store}-shm`,
    ...control,
    ...settings.map.map(({ path }) => path),
  ]
  const folders = [
    settings.state_directory,
    ...[config, ...control, ...sockets, ...settings.map.map(({ path }) => path)].map((path) => dirname(path)),
  ]
  const places = [...new Set([...files, ...folders])].filter((path) => path !== '')
  return places
    .filter(isWorldWritable)
    .map((path) => error(path, 'writable by everybody, who could then let anybody relay', `chmod o-w ${path}`))
}

/** /tmp and its like protect what others put there. */
function isWorldWritable(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat || stat.isSymbolicLink() || (stat.mode & WORLD_WRITABLE) === 0) return false
  return !(stat.isDirectory() && (stat.mode & STICKY) !== 0)
}

/** While no daemon runs nothing takes an entry out any more. */
export function staleMapFindings(settings: Settings): Finding[] {
  return settings.map.flatMap((map) => {
    const entries = mapEntries(map)
    if (!entries) return []
    const what = `${entries} ${entries === 1 ? 'key' : 'keys'}`
    return [
      error(
        `map ${map.path}`,
        `dracd is not running, and the file goes on permitting: ${what}`,
        'start dracd, which rewrites it, or empty it: dracd --empty-maps',
      ),
    ]
  })
}
