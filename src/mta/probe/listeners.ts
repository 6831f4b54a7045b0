// Whether every listener that dracd's settings name answers.
import type { Address } from '../../lib/address.ts'
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../net/endpoint.ts'
import { error, type Finding, ok } from '../check/finding.ts'
import { questionFor } from './questions.ts'
import { probe, type Question } from './stream.ts'

const TIMEOUT_MS = 5_000

export interface Listeners {
  /** By the name of the settings table; port 0 is one that the system chooses. */
  readonly configured: Readonly<Record<string, readonly Endpoint[]>>
  /** As a running daemon tells; undefined when none runs. */
  readonly bound: Readonly<Record<string, readonly string[]>> | undefined
  /** Of the DNS list. */
  readonly zone: string
  /** Whether dracd answers DRAC calls from this address. */
  readonly trusts: (address: Address) => boolean
}

export async function listenerFindings({ configured, bound, zone, trusts }: Listeners): Promise<Finding[]> {
  const asked = Object.entries(configured).flatMap(([name, endpoints]) =>
    known(endpoints, bound?.[name] ?? []).flatMap((endpoint) => {
      const question = questionFor(name, endpoint.transport, zone)
      return question ? [{ name, endpoint, question }] : []
    }),
  )
  return Promise.all(
    asked.map(({ name, endpoint, question }) => {
      const from = onLoopback(endpoint)
      const deaf = name === 'drac_rpc' && bound !== undefined && from.transport !== 'unix' && !trusts(from.address)
      return deaf ? unasked(name, endpoint, from.address) : finding(name, endpoint, question)
    }),
  )
}

/** Whoever asks an address of this host asks from that address. */
const unasked = (name: string, endpoint: Endpoint, from: Address): Finding =>
  ok(`${name} ${formatEndpoint(endpoint)}`, `not asked: ${from} is not trusted, and gets no answer`)

/** As configured; as bound where the system chose the port, and left out when that is not known. */
function known(configured: readonly Endpoint[], bound: readonly string[]): Endpoint[] {
  const fixed = configured.filter((each) => each.transport === 'unix' || each.port !== 0)
  if (fixed.length === configured.length) return fixed
  const texts = new Set(fixed.map(formatEndpoint))
  return [...fixed, ...bound.filter((text) => !texts.has(text)).map(parseEndpoint)]
}

async function finding(name: string, endpoint: Endpoint, question: Question): Promise<Finding> {
  const where = `${name} ${formatEndpoint(endpoint)}`
  const why = await probe(onLoopback(endpoint), question, TIMEOUT_MS)
  if (why === undefined) return ok(where, 'answers')
  return error(
    where,
    `does not answer: ${why}`,
    'start dracd, or restart it when the settings changed; its log tells more',
  )
}

/** "Every address of this host" is asked on one. */
function onLoopback(endpoint: Endpoint): Endpoint {
  if (endpoint.transport === 'unix') return endpoint
  return parseEndpoint(formatEndpoint(endpoint).replace(':0.0.0.0:', ':127.0.0.1:').replace(':[::]:', ':[::1]:'))
}
