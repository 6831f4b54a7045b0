// The control API: HTTP with JSON on the control socket, whose file mode is the access check.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { explain } from '../core/explain.ts'
import type { LoginEvent } from '../core/login-event.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { revokeWhere } from '../core/revoke-where.ts'
import { type Address, parseAddress } from '../lib/address.ts'
import { parseRelayKey, prefixOfKey, type RelayKey } from '../lib/prefix.ts'
import { httpApp } from '../net/http.ts'
import type { StatusView } from './status.ts'
import { authorizationView, explanationView } from './views.ts'

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const
const address = text(64)
const LIST_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    user: text(256),
    source: text(256),
    after: address,
    limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000 },
  },
} as const
const REVOKE_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { user: text(256), source: text(256), by: text(256) },
} as const
const LOGIN = {
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

interface LoginBody {
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

/**
 * `GET /v1/status`; `GET /v1/authorizations` (a page: user, source, after, limit); `GET /v1/authorizations/ADDRESS`
 * (why it may or may not relay); `POST /v1/authorizations` (by hand); `POST /v1/logins` and `POST /v1/logouts` (a mail
 * server's reports; with a `session` the address stays authorized while that lasts);
 * `DELETE /v1/authorizations/ADDRESS`, `DELETE /v1/authorizations?user=U` or `?source=S`.
 */
export function controlApi(table: RelayTable, status: () => StatusView): FastifyInstance {
  const app = httpApp()
  app.get('/v1/status', () => status())

  app.get('/v1/authorizations', { schema: { querystring: LIST_QUERY } }, (request) => {
    const query = request.query as { user?: string; source?: string; after?: string; limit: number }
    const now = table.now()
    const { after, ...rest } = query
    const page = [...table.store.list({ ...rest, now, ...(after === undefined ? {} : { after: after as RelayKey }) })]
    return {
      now,
      authorizations: page.map((entry) => authorizationView(entry, table.store.logins(entry.key), now)),
      ...(page.length === query.limit ? { next: page.at(-1)!.key } : {}),
    }
  })

  app.get('/v1/authorizations/:address', (request) => {
    const { address } = request.params as { address: string }
    return explanationView(explain(table, parseAddress(address)), table.now())
  })

  app.post('/v1/authorizations', { schema: { body: LOGIN } }, (request, reply) =>
    report(table, loginEvent(request.body as LoginBody, 'control'), reply),
  )
  app.post('/v1/logins', { schema: { body: REPORT } }, (request, reply) =>
    report(table, reportEvent(request.body as ReportBody), reply),
  )
  app.post('/v1/logouts', { schema: { body: LOGOUT } }, (request) => {
    const { session, source } = request.body as { session: string; source?: string }
    return table.logout({ session, reporter: 'local', via: source ?? 'login' })
  })

  app.delete('/v1/authorizations/:address', { schema: { querystring: REVOKE_QUERY } }, async (request) => {
    const { address } = request.params as { address: string }
    const { by } = request.query as { by?: string }
    const revoked = await table.revokeKeys(keysFor(table, address), by ?? 'control')
    return { revoked: revoked.map(({ key }) => key) }
  })

  app.delete('/v1/authorizations', { schema: { querystring: REVOKE_QUERY } }, async (request, reply) => {
    const { by, ...query } = request.query as { user?: string; source?: string; by?: string }
    if (query.user === undefined && query.source === undefined)
      return reply.code(400).send({ error: 'name a user or a source' })
    return { revoked: await revokeWhere(table, query, by ?? 'control') }
  })
  return app
}

/** A network is revoked as it is listed; an address with every network around it that would let it relay. */
function keysFor(table: RelayTable, textual: string): RelayKey[] {
  const key = parseRelayKey(textual)
  const { network } = prefixOfKey(key)
  return (key as string) === network ? table.keysOf(network as Address) : [key]
}

function loginEvent({ address, source, ...rest }: LoginBody, via: string): LoginEvent {
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
async function report(table: RelayTable, event: LoginEvent, reply: FastifyReply): Promise<unknown> {
  const result = await table.add(event)
  if (result.status === 'refused')
    return reply.code(result.reason === 'table-full' ? 503 : 403).send({ ...result, error: result.reason })
  if (result.status === 'ignored') return result
  return { status: result.status, authorization: authorizationView(result.authorization, [], table.now()) }
}
