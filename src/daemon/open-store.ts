import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { wallClock } from '../lib/clock.ts'
import { SqliteStore } from '../store/sqlite-store.ts'
import type { Log } from './log.ts'
import type { Settings } from './settings/schema.ts'

export const storePath = ({ state_directory }: Settings): string => join(state_directory, 'drac.sqlite')

/**
 * Each change of its health is one log line. Throws `config` for what must be mended before a start.
 * @param onCommit told of each commit: seconds and writes
 */
export function openStore(
  settings: Settings,
  log: Log,
  onCommit: (seconds: number, writes: number) => void,
): { store: SqliteStore; isNew: boolean } {
  const path = storePath(settings)
  const isNew = !existsSync(path)
  const store = new SqliteStore({
    path,
    maxEntries: settings.max_entries,
    onCommit,
    onHealth: (health) => {
      if (health.state === 'up') {
        log.info({ event: 'store-up', path })
        // The file may be another one now, with entries of another time.
        store.clamp(wallClock() + settings.max_lifetime).catch(() => {}) // down again: said already
      } else
        log.error({
          event: 'store-down',
          path,
          message: `${health.reason}; logins are answered ADD_SYSERR, mail servers "try again later"`,
        })
    },
  })
  return { store, isNew }
}
