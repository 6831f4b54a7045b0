// UDP calls that came before: a client that saw no answer sends the same bytes again.
import type { UdpPeer } from '../../net/udp.ts'
import { wordAt } from '../../protocols/oncrpc/gate.ts'

/** Calls remembered in each of two generations. */
const GENERATION = 4096

/** One add that came over UDP. */
export interface Heard {
  readonly address: string
  readonly bytes: Uint8Array
  /** Monotonic milliseconds. */
  readonly at: number
  /** Seconds since the epoch; undefined until it was added, and so while the relay table is still at it. */
  expiresAt: number | undefined
  /** How often it came while it was not answered yet: each gets the answer. */
  copies: number
}

/**
 * Remembers calls by source address, source port and all their bytes, for `windowMs` at most and for some thousands of
 * calls. Two generations: when one is full or half a window old, the one before it is dropped, at no cost per call.
 */
export class Duplicates {
  readonly #windowMs: () => number
  #young = new Map<number, Heard>()
  #old = new Map<number, Heard>()
  #youngSince = 0

  constructor(windowMs: () => number) {
    this.#windowMs = windowMs
  }

  /** @param now monotonic milliseconds */
  find(bytes: Uint8Array, peer: UdpPeer, now: number): Heard | undefined {
    const key = keyOf(bytes, peer)
    const heard = this.#young.get(key) ?? this.#old.get(key)
    if (heard === undefined || heard.address !== peer.address || now - heard.at >= this.#windowMs()) return undefined
    return same(heard.bytes, bytes) ? heard : undefined
  }

  /** Remembers a call that is being answered. `bytes` are kept. */
  begin(bytes: Uint8Array, peer: UdpPeer, now: number): Heard {
    if (this.#young.size >= GENERATION || now - this.#youngSince >= this.#windowMs() / 2) this.#turn(now)
    const heard: Heard = { address: peer.address, bytes, at: now, expiresAt: undefined, copies: 1 }
    this.#young.set(keyOf(bytes, peer), heard)
    return heard
  }

  /** It came to nothing that could be repeated: the same call is a new one. */
  drop(heard: Heard, peer: UdpPeer): void {
    const key = keyOf(heard.bytes, peer)
    if (this.#young.get(key) === heard) this.#young.delete(key)
    if (this.#old.get(key) === heard) this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  #turn(now: number): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#youngSince = now
  }
}

/** xid and port in one number below 2^48; addresses are compared when it is found. */
const keyOf = (bytes: Uint8Array, { port }: UdpPeer): number => wordAt(bytes, 0) * 0x1_0000 + port

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
