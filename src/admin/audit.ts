// What people changed by hand, said once, for whoever keeps it.
import { channel } from 'node:diagnostics_channel'
import type { FastifyRequest } from 'fastify'
import { peerOf } from '../net/http.ts'

/** Published when the change is durable, and when it was refused. */
export interface AuditEntry {
  readonly action: 'permit' | 'revoke'
  /** As they call themselves: the operator's name from drac, `token` for whoever has no more than that. */
  readonly who: string
  /** `control` for the control socket, an address for HTTP. */
  readonly from: string
  /** The address, or `user=U`, `source=S`, `network=N`. */
  readonly target: string
  /** What became of it: `added`, `revoked 3`, `refused table-full` ... */
  readonly outcome: string
}

/** One AuditEntry a message. */
export const audits = channel('drac.audit')

export function whereFrom(request: FastifyRequest): string {
  const peer = peerOf(request)
  return peer === 'local' ? 'control' : peer
}

export const audit = (entry: AuditEntry): void => audits.publish(entry)
