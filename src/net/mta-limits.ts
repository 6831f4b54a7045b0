import type { StreamLimits } from './limits.ts'

/**
 * For listeners that MTAs ask. An MTA keeps a connection for each of its processes, mostly idle, and asks again over it;
 * all come from one address.
 */
export const MTA_LIMITS: StreamLimits = {
  perSource: 4096,
  total: 4096,
  strangers: 0,
  strangerMs: 0,
  messageMs: 5_000,
  idleMs: 3_600_000,
  stallMs: 10_000,
  unsentBytes: 16 << 10,
  maxUnsentBytes: 256 << 10,
  inFlight: 1,
}
