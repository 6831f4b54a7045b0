// mynetworks: whom permit_mynetworks lets relay whatever drac says.

import { isV6 } from '../../lib/address.ts'
import { type Prefix, parsePrefix } from '../../lib/prefix.ts'
import { error, type Finding, warning } from '../check/finding.ts'
import { tokens } from './restrictions.ts'
import type { Smtpd } from './smtpd.ts'

/** Networks wider than these are nobody's own. */
const WIDEST = { v4: 8, v6: 16 } as const

/** The networks that can be read; undefined when Postfix derives them from the host's interfaces. */
export function networksOf(smtpd: Smtpd): Prefix[] | undefined {
  const value = smtpd.value('mynetworks')
  return value === undefined ? undefined : tokens(value).flatMap((text) => network(text) ?? [])
}

/** `127.0.0.0/8`, `[::1]/128`; tables, files and exclusions are left out. */
function network(text: string): Prefix | undefined {
  const plain = text.replace(/^\[([^\]]*)\](\/\d+)?$/, '$1$2')
  const padded = /^[\d.]+\/\d+$/.test(plain) ? fourParts(plain) : plain
  try {
    return parsePrefix(padded)
  } catch {
    return undefined
  }
}

/** Postfix wants four parts; "10/8" is an error there that is read here as what was meant. */
function fourParts(text: string): string {
  const [address = '', width] = text.split('/')
  return `${[...address.split('.'), '0', '0', '0'].slice(0, 4).join('.')}/${width}`
}

export function networkFindings(smtpd: Smtpd): Finding[] {
  const networks = networksOf(smtpd)
  if (networks !== undefined) return networks.flatMap((each) => wide(each, smtpd.where('mynetworks')))
  const style =
    smtpd.value('mynetworks_style') ??
    (Number.parseFloat(smtpd.value('compatibility_level') ?? '0') < 2 ? 'subnet' : 'host')
  if (style === 'host') return []
  const scope = style === 'class' ? "the provider's whole class A, B or C network" : 'every host of its subnets'
  return [
    warning(
      smtpd.where('mynetworks_style'),
      `mynetworks is not set and mynetworks_style is ${style}: ${scope} relays without a login`,
      'mynetworks = 127.0.0.0/8 [::1]/128, or mynetworks_style = host',
    ),
  ]
}

function wide({ network, width }: Prefix, where: string): Finding[] {
  if (width === 0)
    return [
      error(
        where,
        `mynetworks holds ${network}/0: OPEN RELAY, every client is permitted`,
        'mynetworks = 127.0.0.0/8 [::1]/128',
      ),
    ]
  if (width >= (isV6(network) ? WIDEST.v6 : WIDEST.v4)) return []
  return [
    warning(
      where,
      `mynetworks holds ${network}/${width}, which is wider than any network of one owner`,
      'name your own networks only',
    ),
  ]
}
