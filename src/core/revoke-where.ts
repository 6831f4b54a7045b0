import { containsKey, type Prefix, type RelayKey } from '../lib/prefix.ts'
import type { RelayTable } from './relay-table.ts'

const SLICE = 1000

/** Withdraws everything of one user, source or network, or all there is, a slice at a time, and the sessions of it. Resolves with the keys. */
export async function revokeWhere(
  table: RelayTable,
  { network, ...query }: { readonly user?: string; readonly source?: string; readonly network?: Prefix },
  by: string,
): Promise<RelayKey[]> {
  const revoked: RelayKey[] = []
  for (let after: RelayKey | undefined; ; ) {
    const page = table.store.list({ ...query, limit: SLICE, ...(after === undefined ? {} : { after }) })
    const slice = Array.from(page, ({ key }) => key)
    const chosen = network === undefined ? slice : slice.filter((key) => containsKey(network, key))
    revoked.push(...(await table.revokeKeys(chosen, by)).map(({ key }) => key))
    if (slice.length < SLICE) break
    after = slice.at(-1)
  }
  // What another report has authorized meanwhile, or nothing does now: the session would renew it.
  const open = table.sessions.keysOf(
    ({ key, user, source }) =>
      (query.user === undefined || user === query.user) &&
      (query.source === undefined || source.startsWith(query.source)) &&
      (network === undefined || containsKey(network, key)),
  )
  for (let at = 0; at < open.length; at += SLICE)
    revoked.push(...(await table.revokeKeys(open.slice(at, at + SLICE), by)).map(({ key }) => key))
  return revoked
}
