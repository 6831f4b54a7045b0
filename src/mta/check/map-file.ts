// What is to be said of a map file that an MTA reads, whatever the MTA.
import type { DracFacts, MapFacts } from '../facts.ts'
import { error, type Finding, warning } from './finding.ts'
import type { Known } from './inspection.ts'

/** @param path the file, its suffix included */
export function mapFindings(where: string, path: string, { facts, unit }: Known): Finding[] {
  if (!mapAt(facts, path)) {
    const kept = facts.maps.map((map) => map.path).join(', ') || 'none'
    return [
      error(
        where,
        `${path} is no map that dracd keeps (it keeps: ${kept}): what is in it stays, and nobody who logs in comes in`,
        `add a [[map]] with path = ${JSON.stringify(path)} to dracd.toml, or name the right file here`,
      ),
    ]
  }
  return staleWarning(where, path, unit)
}

export const mapAt = (facts: DracFacts, path: string): MapFacts | undefined =>
  facts.maps.find((map) => map.path === path)

/** A file goes on permitting when the daemon has died, unless something takes it away. */
function staleWarning(where: string, path: string, unit: string | undefined): Finding[] {
  if (unit !== undefined && /^\s*ExecStopPost\s*=\s*\S/m.test(unit)) return []
  const why = unit === undefined ? 'dracd has no systemd unit here' : "dracd's systemd unit has no ExecStopPost="
  return [
    warning(
      where,
      `${path} does not expire by itself, and ${why}: after a crash it goes on permitting whom it permitted`,
      'ExecStopPost=dracd --empty-maps in the unit, or ask live: drac setup',
    ),
  ]
}
