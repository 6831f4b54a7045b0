// The unix sockets that only report_group may use: reports of drac-report, and events of Cyrus.
import { chownSync } from 'node:fs'
import { reportApi } from '../admin/report-api.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { configError } from '../lib/errors.ts'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import { listenHttp } from '../net/http.ts'
import { openCyrus } from '../reports/cyrus/listener.ts'
import { groupId } from './group-id.ts'
import type { Settings } from './settings/schema.ts'
import { makeSocketDirectory } from './socket-directory.ts'

export interface ReportSockets {
  /** By the name of the settings table; only what listens. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>
  close(): Promise<void>
}

/** Opens all or none. Rejects with `config`. */
export async function openReportSockets(settings: Settings, table: RelayTable): Promise<ReportSockets> {
  const { report, cyrus, report_group } = settings
  const group = report_group === '' ? {} : { gid: groupId(report_group, 'report_group') }
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => void (await Promise.allSettled(closers.map((each) => each())))
  try {
    for (const endpoint of report.listen) {
      makeSocketDirectory(endpoint)
      closers.push(await openReport(endpoint, table, group))
    }
    for (const endpoint of cyrus.listen) {
      makeSocketDirectory(endpoint)
      const listener = await openCyrus(endpoint, table, group)
      closers.push(() => listener.close())
    }
  } catch (error) {
    await close()
    throw error
  }
  const opened = Object.entries({ report: report.listen, cyrus: cyrus.listen }).filter(([, list]) => list.length > 0)
  return { endpoints: Object.fromEntries(opened.map(([name, list]) => [name, list.map(formatEndpoint)])), close }
}

/** Returns what closes it. */
async function openReport(
  endpoint: Endpoint,
  table: RelayTable,
  { gid }: { gid?: number },
): Promise<() => Promise<unknown>> {
  if (endpoint.transport !== 'unix') {
    const cure = 'these sockets have no password, only their file mode; write unix:PATH'
    throw configError('DRAC_SETTING', `report.listen: ${formatEndpoint(endpoint)}: ${cure}`)
  }
  const app = reportApi(table)
  await listenHttp(app, endpoint)
  if (gid !== undefined) chownSync(endpoint.path, -1, gid)
  return () => app.close()
}
