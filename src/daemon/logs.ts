// The logs that the settings name.
import { join } from 'node:path'
import type { LogStatusView } from '../admin/status.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { wallClock } from '../lib/clock.ts'
import { type LogConfig, matcherOf, nameOfLog } from '../reports/log-follower/config.ts'
import { FileSource } from '../reports/log-follower/file/file-source.ts'
import { checkLogFile } from '../reports/log-follower/file/safe-open.ts'
import { JournalSource } from '../reports/log-follower/journal/journal-source.ts'
import { LogFollower } from '../reports/log-follower/log-follower.ts'
import { Positions } from '../reports/log-follower/positions.ts'
import { TroubleNote } from '../reports/log-follower/trouble.ts'
import type { Settings } from './settings/schema.ts'

export interface Logs {
  status(): readonly LogStatusView[]
  /** Reads nothing more; resolves once what was read is stored and the positions are kept. */
  close(): Promise<void>
}

/** Rejects with `config` for a log that everybody may write to. */
export async function checkLogs({ log }: Pick<Settings, 'log'>): Promise<void> {
  for (const { path } of log) if (path !== '') await checkLogFile(path)
}

/**
 * Follows each from where it was left; one that is new from its lines of the last lifetime on. Rejects with `config`.
 * @param empty -i: nothing that was logged before counts
 */
export async function openLogs(settings: Settings, table: RelayTable, empty: boolean): Promise<Logs> {
  await checkLogs(settings)
  if (settings.log.length === 0) return { status: () => [], close: async () => {} }
  const path = join(settings.state_directory, 'log-positions.json')
  const trouble = new TroubleNote(path)
  const names = settings.log.map(nameOfLog)
  const positions = new Positions(path, names, (reason) => trouble.set(reason))
  const notBefore = empty ? wallClock() : 0
  const since = (): number => Math.max(notBefore, table.now() - table.policy.lifetime)
  const open = (config: LogConfig) => {
    const matcher = matcherOf(config, patternsOf(settings))
    return async (position: unknown) =>
      config.path === ''
        ? new JournalSource(nameOfLog(config), config.journal, matcher, since(), empty ? undefined : position)
        : FileSource.open(config.path, matcher, since, empty ? 'end' : position)
  }
  const followers: { readonly config: LogConfig; readonly follower: LogFollower }[] = []
  const close = async (): Promise<void> => {
    await Promise.all(followers.map(({ follower }) => follower.close()))
    await positions.save()
  }
  try {
    for (const config of settings.log) {
      const options = { name: nameOfLog(config), positions, reports: table, notBefore, open: open(config) }
      followers.push({ config, follower: await LogFollower.start(options) })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { status: () => followers.map(({ config, follower }) => view(config, follower)), close }
}

const patternsOf = ({ log_pattern }: Settings) =>
  log_pattern.map(({ logout, ...pattern }) => ({ ...pattern, ...(logout === '' ? {} : { logout }) }))

function view(config: LogConfig, follower: LogFollower): LogStatusView {
  const { trouble, lastEventAt, ...status } = follower.status()
  return {
    log: follower.name,
    servers: config.servers,
    ...status,
    ...(lastEventAt === undefined ? {} : { last_event_at: lastEventAt }),
    ...(trouble ? { error: trouble.reason, failing_since: trouble.since } : {}),
  }
}
