// The admin API: HTTP with JSON, the same on the control socket and on the HTTP endpoint. Who may ask is decided before:
// by the file mode of the one and the token of the other.
import type { FastifyInstance } from 'fastify'
import type { AdminContext } from './context.ts'
import { openApiDocument } from './openapi.ts'
import { addAuthorizations } from './routes/authorizations.ts'
import { addEvents } from './routes/events.ts'
import { addReports } from './routes/reports.ts'

/**
 * `GET /v1/status`, `/v1/history`, `/v1/openapi.json`; `GET /v1/events` (as they happen);
 * `GET /v1/authorizations` (a page), `GET /v1/authorizations/ADDRESS` (why it may or may not relay);
 * `POST /v1/authorizations` (by hand); `DELETE /v1/authorizations/ADDRESS`, and `?user=U`, `?source=S` or `?network=N`;
 * `POST /v1/logins` and `/v1/logouts` (a mail server's reports).
 */
export function adminRoutes(app: FastifyInstance, context: AdminContext): void {
  app.get('/v1/status', () => context.status())
  app.get('/v1/history', () => context.history.view())
  app.get('/v1/openapi.json', () => openApiDocument(context.version))
  addAuthorizations(app, context)
  addReports(app, context.table)
  addEvents(app)
}
