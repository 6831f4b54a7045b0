// What changed, said once, for whoever listens: map files, the log, counters, an event stream.
import { channel } from 'node:diagnostics_channel'
import type { Authorization } from './authorization.ts'

/** Published after the change is durable. `by` says who did it. */
export type Change =
  | { readonly type: 'added' | 'renewed' | 'expired'; readonly authorization: Authorization }
  /** `shortened`: it lasts less long than was said before. */
  | { readonly type: 'revoked' | 'shortened'; readonly authorization: Authorization; readonly by: string }

/** One Change a message. */
export const changes = channel('drac.change')
