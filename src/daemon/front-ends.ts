// Everything that takes reports and answers look-ups, opened and closed together.
import type { FastifyInstance } from 'fastify'
import { controlApi } from '../admin/control-api.ts'
import type { StatusView } from '../admin/status.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { openSocketmap } from '../lookups/socketmap/listener.ts'
import { formatEndpoint } from '../net/endpoint.ts'
import type { StreamListener } from '../net/stream.ts'
import { type DracRpc, openDracRpc } from '../reports/drac-rpc/open.ts'
import { openControl } from './control-socket.ts'
import type { Settings } from './settings/schema.ts'

export interface FrontEnds {
  readonly dracRpc: DracRpc
  /** As bound, by the name of the settings table. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>
  /** Takes nothing more, answers what is owed, closes. */
  close(): Promise<void>
}

/** Opens all or none. Rejects with `config`. */
export async function openFrontEnds(
  settings: Settings,
  table: RelayTable,
  status: () => StatusView,
): Promise<FrontEnds> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => void (await Promise.allSettled(closers.map((each) => each())))
  try {
    const dracRpc = await openDracRpc(settings.drac_rpc.listen, table, {
      clock: () => table.now(),
      lifetime: () => table.policy.lifetime,
    })
    closers.push(() => dracRpc.close())
    const socketmap: StreamListener[] = []
    for (const endpoint of settings.socketmap.listen) {
      const listener = await openSocketmap(endpoint, table)
      closers.push(() => listener.close())
      socketmap.push(listener)
    }
    const api: FastifyInstance = controlApi(table, status)
    await openControl(api, settings.control)
    closers.push(() => api.close())
    return {
      dracRpc,
      endpoints: {
        drac_rpc: dracRpc.endpoints.map(formatEndpoint),
        socketmap: socketmap.map(({ endpoint }) => formatEndpoint(endpoint)),
        control: [formatEndpoint(settings.control)],
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
