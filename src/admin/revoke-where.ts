import type { RelayTable } from '../core/relay-table.ts'
import type { RelayKey } from '../lib/prefix.ts'

const SLICE = 1000

/** Withdraws everything of one user or one source, a slice at a time. Resolves with the keys. */
export async function revokeWhere(
  table: RelayTable,
  query: { readonly user?: string; readonly source?: string },
  by: string,
): Promise<RelayKey[]> {
  const revoked: RelayKey[] = []
  for (let after: RelayKey | undefined; ; ) {
    const slice = [...table.store.list({ ...query, limit: SLICE, ...(after === undefined ? {} : { after }) })].map(
      ({ key }) => key,
    )
    revoked.push(...(await table.revokeKeys(slice, by)).map(({ key }) => key))
    if (slice.length < SLICE) return revoked
    after = slice.at(-1)
  }
}
