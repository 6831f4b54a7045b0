import type { RelayTable } from '../core/relay-table.ts'
import type { History } from './history.ts'
import type { StatusView } from './status.ts'

/** What the routes need; the same for the control socket and for HTTP. */
export interface AdminContext {
  readonly table: RelayTable
  readonly version: string
  status(): StatusView
  readonly history: History
}
