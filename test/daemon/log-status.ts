import { join } from 'node:path'
import type { LogStatusView, StatusView } from '../../src/admin/status.ts'
import { controlRequest } from '../../src/client/control.ts'
import type { DracdProcess } from './process.ts'

/** What drac status shows of the first log. */
export async function logStatus({ folder }: DracdProcess): Promise<LogStatusView> {
  const { body } = await controlRequest(join(folder, 'control.sock'), 'GET', '/v1/status')
  return (body as StatusView).logs[0]!
}
