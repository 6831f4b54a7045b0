/** What one listener gives to its peers. All times in milliseconds. */
export interface StreamLimits {
  /** Connections from one address that is served. */
  readonly perSource: number
  /** Connections that are served, in all. Strangers are counted apart, so that they cannot take a place. */
  readonly total: number
  /** Strangers let in for one message, at once. */
  readonly strangers: number
  /** What a stranger gets, from the first moment to the last. */
  readonly strangerMs: number
  /** For a whole message, from its first byte. */
  readonly messageMs: number
  /** Without a message begun and without a call in flight. */
  readonly idleMs: number
  /** For a peer to read answers that the kernel no longer takes. */
  readonly stallMs: number
  /** Unsent answers at which no more requests are read. What is in flight then may come on top. */
  readonly unsentBytes: number
  /** Unsent answers at which the connection is cut. */
  readonly maxUnsentBytes: number
  /** Calls of one connection being worked on; no more are taken from it until some are answered. */
  readonly inFlight: number
}

/** How long an ended connection waits for the peer to end it too. */
export const LINGER_MS = 2_000
