// WHOSON over UDP: look-ups are answered at once, logins when they are durable.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lookups, Users } from '../../core/lookups.ts'
import { addressOfPeer } from '../../lib/address.ts'
import type { InetEndpoint } from '../../net/endpoint.ts'
import { openUdp, type UdpListener, type UdpPeer } from '../../net/udp.ts'
import { lineOfDatagram } from '../../protocols/whoson/whoson.ts'
import { type LoginHandler, type LoginRequest, loginRequest } from './login-handler.ts'
import { answerRequest } from './lookup.ts'

/** Logins being worked on. What comes above is dropped: its client sends it again, five times in 3.1 s. */
const MAX_IN_FLIGHT = 1024
/** How long a listener that closes waits for answers that are owed. */
const DRAIN_MS = 2_000

/** Opens one socket. Rejects with `config` DRAC_LISTEN. Its `close` waits for answers that are owed. */
export async function openDatagrams(
  endpoint: InetEndpoint,
  lookups: Lookups & Users,
  logins: LoginHandler | undefined,
): Promise<UdpListener> {
  const owed = logins && new OwedAnswers(logins)
  const socket = await openUdp(endpoint, (bytes, peer, listener) => {
    const line = lineOfDatagram(bytes)
    if (line === undefined) return
    const request = owed && loginRequest(line)
    if (request) owed.take(request, peer, listener)
    else listener.send(answerRequest(lookups, line).reply, peer)
  })
  return {
    endpoint: socket.endpoint,
    send: (bytes, peer) => socket.send(bytes, peer),
    deafen: () => socket.deafen(),
    async close() {
      socket.deafen()
      await owed?.given(DRAIN_MS)
      await socket.close()
    },
  }
}

/**
 * Answers that wait for the store. A request that is sent again before it is answered is the same request; after that it
 * is done again, which changes nothing: a second LOGIN renews, a second LOGOUT finds nothing to delete.
 */
class OwedAnswers {
  readonly #logins: LoginHandler
  readonly #inFlight = new Set<string>()

  constructor(logins: LoginHandler) {
    this.#logins = logins
  }

  take(request: LoginRequest, peer: UdpPeer, listener: UdpListener): void {
    const name = `${peer.address} ${peer.port} ${JSON.stringify(request)}`
    if (this.#inFlight.has(name) || this.#inFlight.size >= MAX_IN_FLIGHT) return
    this.#inFlight.add(name)
    void this.#logins.answer(request, addressOfPeer(peer.address)).then((reply) => {
      this.#inFlight.delete(name)
      listener.send(reply, peer)
    })
  }

  async given(drainMs: number): Promise<void> {
    const until = performance.now() + drainMs
    while (this.#inFlight.size > 0 && performance.now() < until) await sleep(5)
  }
}
