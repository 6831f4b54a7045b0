// Reports of logins alone, for unix sockets that mail servers may use and do nothing else on.
import type { FastifyInstance } from 'fastify'
import type { RelayTable } from '../core/relay-table.ts'
import { httpApp } from '../net/http.ts'
import { addReports } from './routes/reports.ts'

/** `POST /v1/logins` and `POST /v1/logouts`. */
export function reportApi(table: RelayTable): FastifyInstance {
  const app = httpApp()
  addReports(app, table)
  return app
}
