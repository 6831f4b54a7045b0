// DNS list listeners: UDP, and streams for resolvers that prefer TCP.
import type { Lookups } from '../../core/lookups.ts'
import { AnswerEach } from '../../net/answer-each.ts'
import type { Connection } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { openUdp, type UdpListener } from '../../net/udp.ts'
import { frame, MessageReader } from '../../protocols/dns-list/message-reader.ts'
import { answerMessage } from './lookup.ts'
import { DEFAULT_ZONE, parseZone, type Zone } from './zone.ts'

/** Resolvers end connections after some seconds without work, RFC 7766 section 6.2.3. */
export const DNS_LIST_LIMITS: StreamLimits = { ...MTA_LIMITS, idleMs: 10_000 }

export interface DnsListOptions {
  /** `drac.invalid` when left out. */
  readonly zone?: string
  readonly unix?: UnixOptions
  readonly limits?: StreamLimits
}

/** Opens one endpoint, `udp:`, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN or DRAC_DNS_ZONE. */
export async function openDnsList(
  endpoint: Endpoint,
  lookups: Lookups,
  { zone: name = DEFAULT_ZONE, unix, limits = DNS_LIST_LIMITS }: DnsListOptions = {},
): Promise<UdpListener | StreamListener> {
  const zone = parseZone(name)
  if (endpoint.transport !== 'udp') {
    return openStream(endpoint, limits, { converse: (connection) => overStream(connection, lookups, zone) }, unix)
  }
  return openUdp(endpoint, (bytes, peer, listener) => {
    const answer = answerMessage(lookups, zone, bytes)
    if (answer !== undefined) listener.send(answer, peer)
  })
}

function overStream(connection: Connection, lookups: Lookups, zone: Zone): AnswerEach {
  return new AnswerEach(connection, new MessageReader(), (message) => {
    const answer = answerMessage(lookups, zone, message as Buffer)
    return answer === undefined ? '' : frame(answer).toString('latin1')
  })
}
