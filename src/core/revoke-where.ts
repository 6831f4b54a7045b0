import type { RelayKey } from '../lib/prefix.ts'
import type { RelayTable } from './relay-table.ts'

const SLICE = 1000

/** Withdraws everything of one user or one source, or all there is, a slice at a time. Resolves with the keys. */
export async function revokeWhere(
  table: RelayTable,
  query: { readonly user?: string; readonly source?: string },
  by: string,
): Promise<RelayKey[]> {
  const revoked: RelayKey[] = []
  for (let after: RelayKey | undefined; ; ) {
    const page = table.store.list({ ...query, limit: SLICE, ...(after === undefined ? {} : { after }) })
    const slice = Array.from(page, ({ key }) => key)
    revoked.push(...(await table.revokeKeys(slice, by)).map(({ key }) => key))
    if (slice.length < SLICE) return revoked
    after = slice.at(-1)
  }
}
