// Everything that takes reports and answers look-ups, opened and closed together.
import type { RelayTable } from '../core/relay-table.ts'
import { formatEndpoint } from '../net/endpoint.ts'
import { dovecotRoutes } from '../reports/dovecot/routes.ts'
import { type DracRpc, openDracRpc } from '../reports/drac-rpc/open.ts'
import type { Administration } from './administration.ts'
import { openControl } from './control-socket.ts'
import { type OpenHttp, openHttp, type Routes } from './http.ts'
import { openLookups } from './lookups.ts'
import { openReportSockets } from './report-sockets.ts'
import type { Settings } from './settings/schema.ts'
import { makeSocketDirectory } from './socket-directory.ts'

export interface FrontEnds {
  readonly dracRpc: DracRpc
  readonly http: OpenHttp
  /** As bound, by the name of the settings table; only what listens. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>
  /** Takes nothing more, answers what is owed, closes. */
  close(): Promise<void>
}

/** Opens all or none. Rejects with `config`. */
export async function openFrontEnds(
  settings: () => Settings,
  table: RelayTable,
  administration: Administration,
): Promise<FrontEnds> {
  const { drac_rpc, control } = settings()
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => void (await Promise.allSettled(closers.map((each) => each())))
  try {
    for (const endpoint of [...drac_rpc.listen, control]) makeSocketDirectory(endpoint)
    const dracRpc = await openDracRpc(drac_rpc.listen, table, {
      clock: () => table.now(),
      lifetime: () => table.policy.lifetime,
    })
    closers.push(() => dracRpc.close())
    const lookups = await openLookups(settings, table, administration.metrics)
    closers.push(() => lookups.close())
    const api = administration.controlApi()
    await openControl(api, control)
    closers.push(() => api.close())
    const reportSockets = await openReportSockets(settings(), table)
    closers.push(() => reportSockets.close())
    const http = await openHttp(settings().http, [administration.routes, ...httpRoutes(table)], (peer) =>
      table.trusts(peer),
    )
    closers.push(() => http.close())
    const endpoints = {
      drac_rpc: dracRpc.endpoints.map(formatEndpoint),
      ...lookups.endpoints,
      ...reportSockets.endpoints,
      ...(http.endpoints.length > 0 ? { http: http.endpoints } : {}),
      control: [formatEndpoint(control)],
    }
    return { dracRpc, http, endpoints, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What each room serves over HTTP. */
const httpRoutes = (table: RelayTable): Routes[] => [dovecotRoutes(table)]
