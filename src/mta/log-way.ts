// What dracd can do for any server whose log it knows: follow it.
import type { DracFacts } from './facts.ts'
import type { Plan, Way } from './plan.ts'

const FILE = '/var/log/mail.log'

/** @param server as servers = [...] names it @param notes of this server's own */
export const logWay = (server: string, notes: readonly string[] = []): Way => ({
  name: 'log',
  summary: 'its lines in the log, which dracd follows',
  plan: (facts) => followed(facts, server, notes),
})

/** A file has one [[log]]. */
function settings({ logs }: DracFacts, server: string): string[] {
  if (logs.some(({ servers }) => servers.length === 0 || servers.includes(server))) return []
  const known = logs.find(({ path }) => path === FILE)
  const servers = `servers = ${JSON.stringify([...(known?.servers ?? []), server]).replaceAll(',', ', ')}`
  if (known) return [`${servers}   # in place of that line in the [[log]] of ${FILE}`]
  return ['[[log]]', `path = "${FILE}"`, servers]
}

function followed(facts: DracFacts, server: string, notes: readonly string[]): Plan {
  return {
    settings: settings(facts, server),
    parts: [],
    commands: ['systemctl restart dracd', `drac logs test ${FILE} --server ${server}   # what dracd makes of it`],
    down: 'logins go on as ever; dracd reads on where it stopped, when it is back',
    notes: [
      ...notes,
      'dracd must be able to read the log: Debian lets the group adm',
      'with journald alone, journal = ["UNIT"] in place of path',
    ],
  }
}
