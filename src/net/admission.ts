// Who has how many connections.
import type { Address } from '../lib/address.ts'
import type { StreamLimits } from './limits.ts'

/** A peer's address; `local` on a unix socket, whose file mode decides who may connect. */
export type StreamPeer = Address | 'local'

/** `serve`: within the limits. `one-record`: a stranger, one message and the door. `close`: not a byte. */
export type Admitted = 'serve' | 'one-record' | 'close'
export type Refusal = 'not-admitted' | 'source-limit' | 'total-limit' | 'stranger-limit'

/** Counts the connections of one listener, or of those that share it, in all and by source. */
export class Admissions {
  readonly #limits: StreamLimits
  readonly #bySource = new Map<StreamPeer, number>()
  #served = 0
  #strangers = 0

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  /** Takes a place, which `leave` gives back; or says which limit is in the way and takes none. */
  enter(source: StreamPeer, admitted: Admitted): Refusal | undefined {
    if (admitted === 'close') return 'not-admitted'
    if (admitted === 'one-record') {
      if (this.#strangers >= this.#limits.strangers) return 'stranger-limit'
      this.#strangers++
      return undefined
    }
    const mine = this.of(source)
    if (mine >= this.#limits.perSource) return 'source-limit'
    if (this.#served >= this.#limits.total) return 'total-limit'
    this.#served++
    this.#bySource.set(source, mine + 1)
    return undefined
  }

  /** Connections of one source that are served. */
  of(source: StreamPeer): number {
    return this.#bySource.get(source) ?? 0
  }

  /** The source with the most connections; `source` itself when none has more. */
  greedierThan(source: StreamPeer): StreamPeer {
    let most = source
    for (const [other, count] of this.#bySource) if (count > this.of(most)) most = other
    return most
  }

  leave(source: StreamPeer, admitted: Admitted): void {
    if (admitted === 'one-record') this.#strangers--
    if (admitted !== 'serve') return
    this.#served--
    const mine = this.of(source) - 1
    if (mine > 0) this.#bySource.set(source, mine)
    else this.#bySource.delete(source)
  }
}
