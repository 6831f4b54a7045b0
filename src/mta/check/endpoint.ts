// Whether dracd listens where an MTA asks.
import { type Endpoint, formatEndpoint } from '../../net/endpoint.ts'
import type { DracFacts, LookupName } from '../facts.ts'
import { error, type Finding } from './finding.ts'

const WILDCARD = ['0.0.0.0', '::']

/** True when one of dracd's listeners is the one that is asked. */
export function listensAt(facts: DracFacts, name: LookupName, asked: Endpoint): boolean {
  return facts.endpoints[name].some((each) => {
    if (each.transport === 'unix' || asked.transport === 'unix') {
      return each.transport === 'unix' && asked.transport === 'unix' && each.path === asked.path
    }
    if (each.transport !== asked.transport || each.port !== asked.port) return false
    return each.address === asked.address || WILDCARD.includes(each.address)
  })
}

/** Nothing when dracd listens there. */
export function endpointFindings(where: string, facts: DracFacts, name: LookupName, asked: Endpoint): Finding[] {
  if (listensAt(facts, name, asked)) return []
  const listens = facts.endpoints[name].map(formatEndpoint).join(', ') || 'nowhere'
  return [
    error(
      where,
      `asks ${formatEndpoint(asked)}, but dracd's ${name} listens ${listens === 'nowhere' ? listens : `on ${listens}`}: nobody can be authorized`,
      `[${name}] listen = [${JSON.stringify(formatEndpoint(asked))}] in dracd.toml, or ask where it listens`,
    ),
  ]
}
