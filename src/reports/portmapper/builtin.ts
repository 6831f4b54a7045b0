// A portmapper for hosts without rpcbind: it says where DRAC is, over UDP and TCP.
import type { Address } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'
import type { Connection, Conversation } from '../../net/connection.ts'
import type { Endpoint, InetEndpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { openStream, type StreamListener } from '../../net/stream.ts'
import { openUdp, type UdpListener } from '../../net/udp.ts'
import { encodeRecord, RecordReader } from '../../protocols/oncrpc/record-marking.ts'
import { announced, type Netid, netidOf } from './announce.ts'
import { AddressQuestion, type Answer, answerAddress, answerPortmap } from './answer.ts'
import { localAddressTowards } from './local-address.ts'

const LIMITS: StreamLimits = {
  perSource: 64,
  total: 256,
  strangers: 16,
  strangerMs: 1_000,
  messageMs: 5_000,
  idleMs: 60_000,
  stallMs: 5_000,
  unsentBytes: 16 << 10,
  maxUnsentBytes: 64 << 10,
  inFlight: 16,
}

export interface Builtin {
  readonly endpoints: readonly Endpoint[]
  close(): Promise<void>
}

/**
 * Listens beside each of the front end's addresses, on `port`. Rejects with `config` DRAC_LISTEN.
 * @param trusts a source whose TCP connections are served; others have one call each
 */
export async function openBuiltin(
  endpoints: readonly Endpoint[],
  port: number,
  trusts: (source: Address) => boolean,
): Promise<Builtin> {
  const known = announced(endpoints)
  const opened: (UdpListener | StreamListener)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.close(0)))
  }
  try {
    for (const endpoint of beside(endpoints, port)) opened.push(await openOne(endpoint, known, trusts))
  } catch (error) {
    await close()
    throw error
  }
  return { endpoints: opened.map((listener) => listener.endpoint), close }
}

type Known = ReadonlyMap<Netid, InetEndpoint>

function beside(endpoints: readonly Endpoint[], port: number): InetEndpoint[] {
  const addresses = new Set(endpoints.flatMap((endpoint) => (endpoint.transport === 'unix' ? [] : [endpoint.address])))
  return [...addresses].flatMap((address) => [
    { transport: 'udp', address, port } as const,
    { transport: 'tcp', address, port } as const,
  ])
}

function openOne(
  endpoint: InetEndpoint,
  known: Known,
  trusts: (source: Address) => boolean,
): Promise<UdpListener | StreamListener> {
  const netid = netidOf(endpoint)
  if (endpoint.transport === 'udp') {
    return openUdp(endpoint, async (bytes, peer, listener) => {
      const answer = await settled(answerPortmap(bytes, netid, known), peer.address)
      if (answer !== undefined) listener.send(answer, peer)
    })
  }
  return openStream(endpoint, LIMITS, {
    admit: (peer) => (peer !== 'local' && trusts(peer) ? 'serve' : 'one-record'),
    converse: (connection) => new Questions(connection, netid, known),
  })
}

class Questions implements Conversation {
  readonly framer = new RecordReader()
  readonly #connection: Connection
  readonly #netid: Netid
  readonly #known: Known

  constructor(connection: Connection, netid: Netid, known: Known) {
    this.#connection = connection
    this.#netid = netid
    this.#known = known
  }

  message(record: Uint8Array): void {
    const answer = answerPortmap(record, this.#netid, this.#known)
    if (answer === undefined) throw malformed('DRAC_RPC_NO_CALL', 'a record that is no call')
    void this.#send(answer)
  }

  async #send(answer: Answer): Promise<void> {
    this.#connection.hold()
    const reply = await settled(answer, this.#connection.peer)
    if (reply !== undefined) this.#connection.send(encodeRecord(reply))
    this.#connection.release()
    if (this.#connection.admitted === 'one-record') this.#connection.end()
  }
}

async function settled(answer: Answer, peer: string): Promise<Buffer | undefined> {
  if (!(answer instanceof AddressQuestion)) return answer
  const address = await localAddressTowards(peer)
  return address && answerAddress(answer.xid, { ...answer.endpoint, address })
}
