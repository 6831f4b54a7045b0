// Reports of logins over HTTP on unix sockets, whose file mode is the access check: the control socket, and sockets that
// take nothing else.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { LoginEvent } from '../core/login-event.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { parseAddress } from '../lib/address.ts'
import { httpApp } from '../net/http.ts'
import { authorizationView } from './views.ts'

export const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const
export const address = text(64)
export const LOGIN = {
  type: 'object',
  additionalProperties: false,
  required: ['address'],
  properties: {
    address,
    user: text(256),
    source: text(64),
    note: text(256),
    lifetime: { type: 'integer', minimum: 1, maximum: 315_360_000 },
  },
} as const
/** What a mail server's own program may say beyond it. */
const REPORT = {
  ...LOGIN,
  properties: {
    ...LOGIN.properties,
    kind: { type: 'string', enum: ['login', 'alive'] },
    session: text(200),
    lease: { type: 'integer', minimum: 1, maximum: 604_800 },
    at: { type: 'integer', minimum: 0, maximum: 2 ** 40 },
  },
} as const
const LOGOUT = {
  type: 'object',
  additionalProperties: false,
  required: ['session'],
  properties: { session: text(200), source: text(64) },
} as const

export interface LoginBody {
  address: string
  user?: string
  source?: string
  note?: string
  lifetime?: number
}
interface ReportBody extends LoginBody {
  kind?: 'login' | 'alive'
  session?: string
  lease?: number
  at?: number
}

/** For sockets of reports alone. */
export function reportApi(table: RelayTable): FastifyInstance {
  const app = httpApp()
  addReportRoutes(app, table)
  return app
}

/** `POST /v1/logins` and `POST /v1/logouts`; with a `session` the address stays authorized while that lasts. */
export function addReportRoutes(app: FastifyInstance, table: RelayTable): void {
  app.post('/v1/logins', { schema: { body: REPORT } }, (request, reply) =>
    report(table, reportEvent(request.body as ReportBody), reply),
  )
  app.post('/v1/logouts', { schema: { body: LOGOUT } }, (request) => {
    const { session, source } = request.body as { session: string; source?: string }
    return table.logout({ session, reporter: 'local', via: source ?? 'login' })
  })
}

export function loginEvent({ address, source, ...rest }: LoginBody, via: string): LoginEvent {
  return { client: parseAddress(address), reporter: 'local', via: source ?? via, ...rest }
}

function reportEvent({ kind, session, lease, ...login }: ReportBody): LoginEvent {
  return {
    ...loginEvent(login, 'login'),
    ...(kind === undefined ? {} : { kind }),
    ...(session === undefined
      ? {}
      : { session: { id: session, kind: 'renews', ...(lease === undefined ? {} : { lease }) } }),
  }
}

/** 200 for what is stored or may be forgotten, 403 for what is refused; store trouble goes to the error handler. */
export async function report(table: RelayTable, event: LoginEvent, reply: FastifyReply): Promise<unknown> {
  const result = await table.add(event)
  if (result.status === 'refused')
    return reply.code(result.reason === 'table-full' ? 503 : 403).send({ ...result, error: result.reason })
  if (result.status === 'ignored') return result
  return { status: result.status, authorization: authorizationView(result.authorization, [], table.now()) }
}
