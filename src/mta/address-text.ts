// One endpoint as each MTA spells it.
import { isV6 } from '../lib/address.ts'
import type { Endpoint } from '../net/endpoint.ts'
import { hostOf } from './facts.ts'

/** sendmail's socket map: `unix:PATH`, `inet:PORT@HOST`, `inet6:PORT@HOST`. */
export function forSendmail(at: Endpoint): string {
  if (at.transport === 'unix') return `unix:${at.path}`
  return `${isV6(at.address) ? 'inet6' : 'inet'}:${at.port}@${at.address}`
}

/** Postfix: `inet:HOST:PORT`, `unix:PATH`; a path below the queue directory relative to it, which works chrooted or not. */
export function forPostfix(at: Endpoint, queue = '/var/spool/postfix'): string {
  if (at.transport !== 'unix') return `inet:${hostOf(at)}:${at.port}`
  return `unix:${at.path.startsWith(`${queue}/`) ? at.path.slice(queue.length + 1) : at.path}`
}

/** Exim's readsocket: a path, or `inet:HOST:PORT`. */
export const forExim = (at: Endpoint): string => (at.transport === 'unix' ? at.path : `inet:${hostOf(at)}:${at.port}`)
