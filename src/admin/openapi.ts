// The OpenAPI 3.1 document, made of the schemas that the requests are checked against.
import {
  BY_QUERY,
  ENDED_VIEW,
  ERROR_VIEW,
  EXPLANATION_VIEW,
  LIST_QUERY,
  LIST_VIEW,
  LOGIN,
  LOGOUT,
  PERMIT,
  REPORT_VIEW,
  REVOKE_QUERY,
  REVOKED_VIEW,
} from './schemas.ts'

interface Operation {
  readonly path: string
  readonly method: 'get' | 'post' | 'delete'
  readonly summary: string
  readonly query?: { readonly properties: Readonly<Record<string, { readonly description?: string }>> }
  readonly body?: object
  readonly answer: object
  readonly type?: string
}

const FREE = { type: 'object', additionalProperties: true } as const

export const OPERATIONS: readonly Operation[] = [
  {
    path: '/v1/status',
    method: 'get',
    summary: 'Endpoints, counts, rates, health of store, maps and sources.',
    answer: FREE,
  },
  {
    path: '/v1/history',
    method: 'get',
    summary: 'The last 24 hours in slices: logins by source, look-ups by verdict.',
    answer: FREE,
  },
  { path: '/v1/openapi.json', method: 'get', summary: 'This document.', answer: FREE },
  {
    path: '/v1/events',
    method: 'get',
    summary: 'What happens, as server-sent events.',
    answer: { type: 'string' },
    type: 'text/event-stream',
  },
  {
    path: '/v1/authorizations',
    method: 'get',
    summary: 'What is authorized now, a page of it.',
    query: LIST_QUERY,
    answer: LIST_VIEW,
  },
  {
    path: '/v1/authorizations',
    method: 'post',
    summary: 'Authorize an address by hand.',
    body: PERMIT,
    answer: REPORT_VIEW,
  },
  {
    path: '/v1/authorizations',
    method: 'delete',
    summary: 'Revoke everything of a user, a source or a network.',
    query: REVOKE_QUERY,
    answer: REVOKED_VIEW,
  },
  {
    path: '/v1/authorizations/{address}',
    method: 'get',
    summary: 'Why an address may or may not relay.',
    answer: EXPLANATION_VIEW,
  },
  {
    path: '/v1/authorizations/{address}',
    method: 'delete',
    summary: 'Revoke an address, or a network as it is listed.',
    query: BY_QUERY,
    answer: REVOKED_VIEW,
  },
  {
    path: '/v1/logins',
    method: 'post',
    summary: 'A mail server reports a login, or that somebody is still connected.',
    body: LOGIN,
    answer: REPORT_VIEW,
  },
  {
    path: '/v1/logouts',
    method: 'post',
    summary: 'A mail server reports the end of a session.',
    body: LOGOUT,
    answer: ENDED_VIEW,
  },
  {
    path: '/metrics',
    method: 'get',
    summary: 'Metrics for Prometheus.',
    answer: { type: 'string' },
    type: 'text/plain',
  },
]

/** @param version of the program */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of OPERATIONS) {
    paths[operation.path] ??= {}
    paths[operation.path]![operation.method] = describe(operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'dracd',
      version,
      description:
        'Who may relay, and why. Over TCP every request carries the token of http.token_file; the control socket is guarded by its file mode.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ token: [] }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}

function describe({ path, method, summary, query, body, answer, type = 'application/json' }: Operation): object {
  const errors = { description: 'What was wrong.', content: { 'application/json': { schema: ERROR_VIEW } } }
  return {
    operationId: `${method} ${path}`.replaceAll(/[^a-z0-9]+/gi, '_').replace(/_$/, ''),
    summary,
    ...(query || path.includes('{') ? { parameters: [...inPath(path), ...inQuery(query)] } : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      200: { description: 'Done.', content: { [type]: { schema: answer } } },
      400: errors,
      401: errors,
      503: errors,
    },
  }
}

const inPath = (path: string): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))

const inQuery = (query: Operation['query']): object[] =>
  Object.entries(query?.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    schema,
  }))
