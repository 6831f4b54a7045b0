// What is authorized: listed, explained, permitted by hand, revoked.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SearchQuery } from '../../core/authorization-store.ts'
import { explain } from '../../core/explain.ts'
import type { RelayTable } from '../../core/relay-table.ts'
import { revokeWhere } from '../../core/revoke-where.ts'
import { type Address, parseAddress } from '../../lib/address.ts'
import { parsePrefix, parseRelayKey, prefixOfKey, type RelayKey } from '../../lib/prefix.ts'
import { audit, whereFrom } from '../audit.ts'
import type { AdminContext } from '../context.ts'
import { BY_QUERY, LIST_QUERY, PERMIT, REVOKE_QUERY } from '../schemas.ts'
import { authorizationView, explanationView } from '../views.ts'
import { answer, type LoginBody, loginOf } from './login-body.ts'

interface ListQuery {
  text?: string
  network?: string
  user?: string
  source?: string
  sort?: SearchQuery['sort']
  order: 'asc' | 'desc'
  offset?: number
  after?: string
  limit: number
}

export function addAuthorizations(app: FastifyInstance, { table }: AdminContext): void {
  app.get('/v1/authorizations', { schema: { querystring: LIST_QUERY } }, (request) => {
    const query = request.query as ListQuery
    const searched = [query.text, query.network, query.sort, query.offset].some((given) => given !== undefined)
    return searched ? search(table, query) : list(table, query)
  })

  app.get('/v1/authorizations/:address', (request) => {
    const { address } = request.params as { address: string }
    return explanationView(explain(table, parseAddress(address)), table.now())
  })

  app.post('/v1/authorizations', { schema: { body: PERMIT } }, (request, reply) => permit(table, request, reply))

  app.delete('/v1/authorizations/:address', { schema: { querystring: BY_QUERY } }, async (request) => {
    const { address } = request.params as { address: string }
    const who = whoOf(request)
    const revoked = await table.revokeKeys(keysFor(table, address), who)
    audit({ action: 'revoke', who, from: whereFrom(request), target: address, outcome: `revoked ${revoked.length}` })
    return { revoked: revoked.map(({ key }) => key) }
  })

  app.delete('/v1/authorizations', { schema: { querystring: REVOKE_QUERY } }, async (request, reply) => {
    const { by: _, ...where } = request.query as { user?: string; source?: string; network?: string; by?: string }
    const named = Object.entries(where)
    if (named.length === 0) return reply.code(400).send({ error: 'name a user, a source or a network' })
    const { network, ...rest } = where
    const query = network === undefined ? rest : { ...rest, network: parsePrefix(network) }
    const who = whoOf(request)
    const revoked = await revokeWhere(table, query, who)
    const target = named.map(([name, value]) => `${name}=${value}`).join(' ')
    audit({ action: 'revoke', who, from: whereFrom(request), target, outcome: `revoked ${revoked.length}` })
    return { revoked }
  })
}

/** Over HTTP nobody is believed to be who they say without a word of where they asked from. */
function whoOf(request: FastifyRequest): string {
  const said = (request.query as { by?: string }).by ?? (request.body as { by?: string } | undefined)?.by
  const from = whereFrom(request)
  return from === 'control' ? (said ?? 'control') : `${said ?? 'token'} at ${from}`
}

function list(table: RelayTable, { user, source, after, limit }: ListQuery): object {
  const now = table.now()
  const query = {
    now,
    limit,
    ...(user === undefined ? {} : { user }),
    ...(source === undefined ? {} : { source }),
    ...(after === undefined ? {} : { after: after as RelayKey }),
  }
  const page = [...table.store.list(query)]
  return {
    now,
    authorizations: page.map((entry) => authorizationView(entry, table.store.logins(entry.key), now)),
    ...(page.length === limit ? { next: page.at(-1)!.key } : {}),
  }
}

async function search(table: RelayTable, query: ListQuery): Promise<object> {
  const now = table.now()
  const { text, network, user, source, sort = 'address', order, offset = 0, limit } = query
  const { total, entries } = await table.store.search({
    now,
    sort,
    descending: order === 'desc',
    offset,
    limit,
    ...(text === undefined ? {} : { text }),
    ...(network === undefined ? {} : { network: parsePrefix(network) }),
    ...(user === undefined ? {} : { user }),
    ...(source === undefined ? {} : { source }),
  })
  const authorizations = entries.map((entry) => authorizationView(entry, table.store.logins(entry.key), now))
  return { now, total, authorizations }
}

async function permit(table: RelayTable, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { by: _, ...body } = request.body as LoginBody & { by?: string }
  const who = whoOf(request)
  const { user, note, lifetime } = body
  const event = loginOf({ ...body, source: body.source ?? `permit by ${who}` }, 'local', 'control')
  const result = await table.add(event)
  const outcome = 'reason' in result ? `${result.status} ${result.reason}` : result.status
  const details = Object.entries({ user, note, lifetime }).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${value}`,
  )
  audit({ action: 'permit', who, from: whereFrom(request), target: [event.client, ...details].join(' '), outcome })
  return answer(result, table.now(), reply)
}

/** A network is revoked as it is listed; an address with every network around it that would let it relay. */
function keysFor(table: RelayTable, textual: string): RelayKey[] {
  const key = parseRelayKey(textual)
  const { network } = prefixOfKey(key)
  return (key as string) === network ? table.keysOf(network as Address) : [key]
}
