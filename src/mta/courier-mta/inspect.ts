// drac check --mta courier-mta: the text files of smtpaccess, and whether smtpaccess.dat was made of them.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { error, type Finding, ok, warning } from '../check/finding.ts'
import type { Inspection, Known } from '../check/inspection.ts'
import { mapFindings } from '../check/map-file.ts'
import type { Places } from '../places.ts'

export function inspectCourier(places: Places, known: Known): Inspection {
  const folder = places.file('/etc/courier/smtpaccess')
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return {
      findings: [error(folder, 'there is no such folder', 'name the smtpaccess folder with --file')],
      trusted: undefined,
    }
  }
  const files = readdirSync(folder).filter((name) => !name.endsWith('~') && !name.startsWith('.'))
  const findings = files.flatMap((name) => accessFindings(places.read(join(folder, name)) ?? '', join(folder, name)))
  return { findings: [...findings, ...mapOf(folder, known)], trusted: undefined }
}

/** `ADDRESS<tab>allow,RELAYCLIENT`; an address may be cut after a part. */
export function accessFindings(text: string, path: string): Finding[] {
  return text.split('\n').flatMap((raw, i) => {
    const [, address, rule] = /^\s*([^\s#]+)\s+(allow\S*)/.exec(raw) ?? []
    if (address === undefined || !/\bRELAYCLIENT\b/.test(rule!)) return []
    const where = `${path}:${i + 1}`
    if (/^(\*|0\.0\.0\.0\/0|::?\/0)$/.test(address)) {
      return [error(where, `${address} may relay: OPEN RELAY`, 'name your own networks only')]
    }
    if (/^\d+\.?$/.test(address) && !/^(10|127)\.?$/.test(address)) {
      return [warning(where, `${address} lets 16 million addresses relay`, 'name your own networks only')]
    }
    return []
  })
}

/** The list that becomes a file here: one that is kept here, or whose command makes it. */
function mapOf(folder: string, known: Known): Finding[] {
  const map = known.facts.maps.find(
    ({ path, command }) => path.startsWith(`${folder}/`) || /courier|makesmtpaccess/.test(command),
  )
  if (!map)
    return [warning(folder, 'dracd keeps no list for it: nobody relays because of a login', 'drac setup courier-mta')]
  return [
    ...(/drac-courier|makesmtpaccess/.test(map.command)
      ? [ok(map.path, `dracd keeps it, and runs ${map.command}`)]
      : [
          error(
            map.path,
            'nothing runs makesmtpaccess after a change: Courier does not see it',
            'drac setup courier-mta',
          ),
        ]),
    ...mapFindings(folder, map.path, known),
  ]
}
