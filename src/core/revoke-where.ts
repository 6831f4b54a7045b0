import { containsKey, type Prefix, type RelayKey } from '../lib/prefix.ts'
import type { RelayTable } from './relay-table.ts'

const SLICE = 1000

/** Withdraws everything of one user, source or network, or all there is, a slice at a time. Resolves with the keys. */
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
    if (slice.length < SLICE) return revoked
    after = slice.at(-1)
  }
}
