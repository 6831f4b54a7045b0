import { execFileSync } from 'node:child_process'
import { configError } from '../lib/errors.ts'

/** The number of a group by its name or number, as getent(1) knows it. Throws `config` DRAC_GROUP, which names the setting. */
export function groupId(group: string, setting: string): number {
  if (/^\d{1,9}$/.test(group)) return Number(group)
  try {
    const entry = execFileSync('getent', ['group', group], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return Number(entry.split(':')[2])
  } catch (cause) {
    throw configError(
      'DRAC_GROUP',
      `${setting}: there is no group ${JSON.stringify(group)}; create it, or name another`,
      cause,
    )
  }
}
