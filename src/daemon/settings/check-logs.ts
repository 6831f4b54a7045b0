// What the settings say of logs, beyond the kind of each value.
import { messageOf } from '../../lib/errors.ts'
import { SERVERS } from '../../protocols/login-log/matcher.ts'
import { checkPattern, type LogConfig, nameOfLog } from '../../reports/log-follower/config.ts'
import { nearest } from './nearest.ts'

interface PatternSettings {
  readonly name: string
  readonly program: readonly string[]
  readonly login: string
  readonly logout: string
}

/** What is wrong with the setting of this name, of the entry with this number. */
export interface Wrong {
  readonly table: 'log' | 'log_pattern'
  readonly entry: number
  readonly setting: string
  readonly message: string
}

export function wrongLogs(logs: readonly LogConfig[], patterns: readonly PatternSettings[]): Wrong[] {
  const names = patterns.map(({ name }) => name)
  return [...patterns.flatMap((pattern, entry) => wrongPattern(pattern, entry, names)), ...logs.flatMap(wrongLog)]

  function wrongLog(log: LogConfig, entry: number): Wrong[] {
    const setting = log.path === '' ? 'journal' : 'path'
    const twin = logs.findIndex((other) => nameOfLog(other) === nameOfLog(log)) < entry
    return [
      ...(twin ? [{ table: 'log' as const, entry, setting, message: `is the ${setting} of another log, too` }] : []),
      ...log.servers
        .filter((name) => !SERVERS.includes(name) && !names.includes(name))
        .map(unknownServer(entry, names)),
    ]
  }
}

const unknownServer =
  (entry: number, names: readonly string[]) =>
  (name: string): Wrong => {
    const known = [...SERVERS, ...names]
    const meant = nearest(name, known)
    const message = `no log patterns for ${JSON.stringify(name)}; ${meant ? `did you mean ${meant}? ` : ''}known: ${known.join(', ')}`
    return { table: 'log', entry, setting: 'servers', message }
  }

function wrongPattern(pattern: PatternSettings, entry: number, names: readonly string[]): Wrong[] {
  const { name, program, login, logout } = pattern
  const wrong = (setting: string, message: string): Wrong[] => [{ table: 'log_pattern', entry, setting, message }]
  if (names.indexOf(name) < entry) return wrong('name', 'is the name of another log_pattern, too')
  for (const [setting, text] of Object.entries(logout === '' ? { login } : { login, logout }))
    try {
      checkPattern({ name, program, login: text })
    } catch (error) {
      const message = messageOf(error).replace(/^log_pattern "[^"]*": /, '')
      return wrong(
        /^program /.test(message) ? 'program' : / is known already/.test(message) ? 'name' : setting,
        message,
      )
    }
  return []
}
