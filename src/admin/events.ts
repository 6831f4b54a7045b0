// What happens, as JSON for whoever watches: one hub, any number of watchers.
import type { Channel } from 'node:diagnostics_channel'
import { type Change, changes } from '../core/changes.ts'
import { type Refused, refused } from '../core/refused.ts'
import { type AuditEntry, audits } from './audit.ts'

/** One thing that happened. `event` says what; `at` is in seconds since the epoch, with fractions. */
export interface WatchedEvent {
  readonly event: Change['type'] | 'refused' | 'audit'
  readonly at: number
  readonly [detail: string]: unknown
}

export type Watcher = (event: WatchedEvent) => void

const at = (): number => Date.now() / 1000

function ofChange(change: Change): WatchedEvent {
  const { key, expiresAt, source } = change.authorization
  const by = 'by' in change ? { by: change.by } : {}
  return { event: change.type, at: at(), address: key, expires_at: expiresAt, source, ...by }
}

/** Calls the watcher until the returned function is called. Nothing is spent while nobody watches. */
export function watch(watcher: Watcher): () => void {
  const undo = [
    subscribe<Change>(changes, (change) => watcher(ofChange(change))),
    subscribe<Refused>(refused, ({ client, ...rest }) =>
      watcher({ event: 'refused', at: at(), ...(client === undefined ? {} : { address: client }), ...rest }),
    ),
    subscribe<AuditEntry>(audits, (entry) => watcher({ event: 'audit', at: at(), ...entry })),
  ]
  return () => {
    for (const each of undo) each()
  }
}

function subscribe<T>(to: Channel, listener: (message: T) => void): () => void {
  const onMessage = (message: unknown): void => listener(message as T)
  to.subscribe(onMessage)
  return () => to.unsubscribe(onMessage)
}
