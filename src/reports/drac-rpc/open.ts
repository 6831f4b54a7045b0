// The DRAC front end: its listeners, opened and closed together.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, changes } from '../../core/changes.ts'
import type { Clock } from '../../lib/clock.ts'
import { Admissions } from '../../net/admission.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { openStream, type StreamListener, type StreamService, type UnixOptions } from '../../net/stream.ts'
import { openUdp, type UdpListener } from '../../net/udp.ts'
import type { Reports } from './answer.ts'
import { Datagrams } from './datagrams.ts'
import { DRAC_RPC_LIMITS, Records } from './records.ts'

export interface DracRpcOptions {
  readonly clock: Clock
  /** Seconds that one login permits relaying, as configured now. */
  readonly lifetime: () => number
  readonly limits?: StreamLimits
  readonly unix?: UnixOptions
}

export interface DracRpc {
  /** As bound, in the order given. */
  readonly endpoints: readonly Endpoint[]
  /**
   * True: the portmapper forwards calls for strangers, and UDP reports are marked `forwardable`. Undefined: not known yet,
   * and UDP reports wait (1,024 of them) until it is. False at first.
   */
  setForwarded(forwarded: boolean | undefined): void
  /** No call is answered from memory any more; to be called when who is trusted, or what is exempt, has changed. */
  forget(): void
  /** Takes nothing more, answers what was asked for up to `drainMs`, closes. */
  close(drainMs?: number): Promise<void>
}

/** Opens every endpoint, or none. Rejects with `config` DRAC_LISTEN. */
export async function openDracRpc(
  endpoints: readonly Endpoint[],
  reports: Reports,
  options: DracRpcOptions,
): Promise<DracRpc> {
  const datagrams = new Datagrams(reports, options.clock, options.lifetime)
  const limits = options.limits ?? DRAC_RPC_LIMITS
  const service: StreamService = {
    admissions: new Admissions(limits),
    admit: (peer) => (peer === 'local' || reports.trusts(peer) ? 'serve' : 'one-record'),
    converse: (connection) => new Records(connection, reports),
  }
  const opened: (UdpListener | StreamListener)[] = []
  try {
    for (const endpoint of endpoints) {
      if (endpoint.transport === 'udp') opened.push(await openUdp(endpoint, datagrams.receive.bind(datagrams)))
      else opened.push(await openStream(endpoint, limits, service, options.unix))
    }
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close(0)))
    throw error
  }
  return new FrontEnd(opened, datagrams)
}

class FrontEnd implements DracRpc {
  readonly #listeners: readonly (UdpListener | StreamListener)[]
  readonly #datagrams: Datagrams
  /** A remembered success must not outlive what it speaks of. */
  readonly #onChange = (change: unknown): void => {
    if (['revoked', 'shortened'].includes((change as Change).type)) this.forget()
  }

  constructor(listeners: readonly (UdpListener | StreamListener)[], datagrams: Datagrams) {
    this.#listeners = listeners
    this.#datagrams = datagrams
    changes.subscribe(this.#onChange)
  }

  get endpoints(): readonly Endpoint[] {
    return this.#listeners.map((listener) => listener.endpoint)
  }

  setForwarded(forwarded: boolean | undefined): void {
    this.#datagrams.setForwarded(forwarded)
  }

  forget(): void {
    this.#datagrams.forget()
  }

  async close(drainMs = 2_000): Promise<void> {
    for (const listener of this.#listeners) if ('deafen' in listener) listener.deafen()
    const streams = this.#listeners.filter((listener) => 'connections' in listener)
    await Promise.all([this.#answered(drainMs), ...streams.map((listener) => listener.close(drainMs))])
    await Promise.all(this.#listeners.map((listener) => listener.close(0)))
    changes.unsubscribe(this.#onChange)
  }

  async #answered(drainMs: number): Promise<void> {
    const until = performance.now() + drainMs
    while (this.#datagrams.inFlight > 0 && performance.now() < until) await sleep(5)
  }
}
