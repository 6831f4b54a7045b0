// drac check --mta postfix.
import { dirname } from 'node:path'
import { forPostfix } from '../address-text.ts'
import { error } from '../check/finding.ts'
import type { Inspection, Known } from '../check/inspection.ts'
import type { Places } from '../places.ts'
import { listFindings } from './list-rules.ts'
import { networkFindings, networksOf } from './networks.ts'
import { isPort25, smtpds } from './smtpd.ts'

export function inspectPostfix(places: Places, known: Known): Inspection {
  const mainPath = places.file('/etc/postfix/main.cf')
  const main = places.read(mainPath)
  if (main === undefined) {
    return { findings: [error(mainPath, 'there is no such file', 'name main.cf with --file')], trusted: undefined }
  }
  const masterPath = `${dirname(mainPath)}/master.cf`
  const services = smtpds({ mainPath, main, masterPath, master: places.read(masterPath) ?? '' })
  const findings = services.flatMap((smtpd) => [
    ...networkFindings(smtpd),
    ...listFindings({ ...known, smtpd, places }, oursOf(known)),
  ])
  const onPort25 = services.find(({ service }) => service && isPort25(service)) ?? services[0]
  return { findings: unique(findings), trusted: onPort25 && networksOf(onPort25) }
}

/** By what drac's checks are known where its name is not in them. */
const oursOf = ({ facts }: Known): string[] =>
  (['socketmap', 'policy', 'tcp_table'] as const).flatMap((name) =>
    facts.endpoints[name].map((each) => forPostfix(each).replace(/^inet:/, '')),
  )

/** Services that share main.cf share its mistakes. */
const unique = <T>(items: readonly T[]): T[] => [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
