import type { Prefix, RelayKey } from '../lib/prefix.ts'
import type { Authorization, Login } from './authorization.ts'
import type { Session, SessionRows } from './session.ts'

/** One login to be remembered, or renewed. */
export interface Put {
  readonly key: RelayKey
  /** An entry that already lasts longer keeps its own expiry: a renewal never shortens. */
  readonly expiresAt: number
  /** Seconds since the epoch. */
  readonly now: number
  readonly source: string
  /** Kept in a row of its own beside the authorization. */
  readonly user?: string
  readonly note?: string
}

/** `added` also when what was stored had expired and awaited the sweep: it begins anew. */
export type PutResult =
  | { readonly status: 'added' | 'renewed'; readonly authorization: Authorization }
  | { readonly status: 'table-full' }

/** Narrows `list`. Every given field must match. */
export interface ListQuery {
  /** Only entries with `expiresAt >= now`. Left out: all that are stored. */
  readonly now?: number
  readonly user?: string
  /** Matches the source from its beginning, so that `drac-rpc` finds `drac-rpc 127.0.0.1`. */
  readonly source?: string
  /** Only entries whose key sorts after this one, in the order of `list`: the next page. */
  readonly after?: RelayKey
  readonly limit?: number
}

/** What people look for: a page of the entries that match, in an order of their own. */
export interface SearchQuery {
  /** Only entries with `expiresAt >= now`. */
  readonly now: number
  /** Part of the address, the source or a user's name, in any case. */
  readonly text?: string
  /** Inside this network, or the network itself. */
  readonly network?: Prefix
  readonly user?: string
  /** From its beginning, as in `list`. */
  readonly source?: string
  readonly sort: 'address' | 'expires_at' | 'last_seen'
  readonly descending: boolean
  readonly offset: number
  readonly limit: number
}

export interface SearchPage {
  /** Of all pages. */
  readonly total: number
  readonly entries: readonly Authorization[]
}

/** What the store says of itself. */
export type StoreHealth =
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly reason: string; readonly since: number }

/**
 * Where authorizations live. Floor 2 implements it; the core names only what it needs.
 * Reads are synchronous and throw `tempfail` (DRAC_STORE_DOWN) while the store is not to be trusted: a read never
 * answers from a store that could not keep the last write. Writes are kept once durable, and reject with `tempfail`.
 */
export interface AuthorizationStore {
  get(key: RelayKey): Authorization | undefined
  /** Widths of networks (below full width) that stored keys may have, so that a look-up knows which networks to try. */
  widths(family: 4 | 6): readonly number[]
  put(put: Put): Promise<PutResult>
  /** Resolves once durable, with what was there. */
  delete(key: RelayKey): Promise<Authorization | undefined>
  /** Makes the expiry no later than `expiresAt`. Resolves once durable, with what is there now; undefined when it was not later. */
  shorten(key: RelayKey, expiresAt: number): Promise<Authorization | undefined>
  /** Sessions and revocations as they are kept. Their rules are the relay table's. */
  sessionRows(): SessionRows
  /** Adds it, or replaces the one of the same id. Resolves once durable. */
  putSession(session: Session): Promise<void>
  /** Resolves once durable. */
  deleteSessions(ids: readonly string[]): Promise<void>
  /** Resolves once durable. @param at seconds since the epoch; undefined forgets the revocation */
  putRevocation(key: RelayKey, at: number | undefined): Promise<void>
  /** Looks at up to a slice of entries, reclaims those with `expiresAt < now` and resolves with them once durable; `done` when the whole table was seen. */
  sweep(now: number): Promise<{ readonly expired: readonly Authorization[]; readonly done: boolean }>
  /** In ascending order of key (as text), one at a time, from one consistent state. */
  list(query: ListQuery): IterableIterator<Authorization>
  /** Looks through everything that is durable without holding anything up. Rejects with `tempfail`. */
  search(query: SearchQuery): Promise<SearchPage>
  logins(key: RelayKey): readonly Login[]
  /** Stored entries, those that have expired and await the sweep included. */
  count(): number
  /** After a backward clock step: moves every expiry, first and last seen, session and revocation by `seconds` (negative: earlier). */
  shift(seconds: number): Promise<void>
  /** Shortens every expiry that is later than `latest`. */
  clamp(latest: number): Promise<void>
  health(): StoreHealth
  /** Flushes what is pending and closes. Writes after it reject. */
  close(): Promise<void>
}
