// The admin API, asked without a network.
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { adminRoutes } from '../../src/admin/api.ts'
import { type AuditEntry, audits } from '../../src/admin/audit.ts'
import { History } from '../../src/admin/history.ts'
import { OPERATIONS, openApiDocument } from '../../src/admin/openapi.ts'
import { RelayTable } from '../../src/core/relay-table.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { httpApp, listenHttp } from '../../src/net/http.ts'
import { MemoryStore } from '../../src/store/memory.ts'

const NOW = 1_790_000_000
let store: MemoryStore
let table: RelayTable
let app: FastifyInstance
let told: AuditEntry[]
let routes: string[]
const listen = (entry: unknown): void => void told.push(entry as AuditEntry)

beforeEach(async () => {
  store = new MemoryStore({ maxEntries: 100 })
  table = new RelayTable(
    store,
    {
      lifetime: 1800,
      maxLifetime: 86_400,
      ipv4Prefix: 32,
      ipv6Prefix: 128,
      trustedClients: trustNetworks([parsePrefix('127.0.0.1')]),
      exemptNetworks: new PrefixSet([parsePrefix('10.0.0.0/8')]),
      sessionLease: 21_600,
      maxSession: 86_400,
      shared: { users: 0, window: 86_400, lifetime: 0 },
      ownAddresses: () => new Set(),
    },
    () => NOW,
  )
  app = httpApp()
  routes = []
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`))
  adminRoutes(app, {
    table,
    version: '1.2.3',
    status: () => ({ up: true }) as never,
    history: new History(table.counters, () => NOW),
  })
  await listenHttp(app, { transport: 'tcp', address: parseAddress('127.0.0.1'), port: 0 })
  told = []
  audits.subscribe(listen)
})
afterEach(async () => {
  audits.unsubscribe(listen)
  await app.close()
})

async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
  const { port } = app.server.address() as { port: number }
  const init = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...init })
  return { status: reply.status, body: (await reply.json()) as Record<string, never> }
}
const may = (client: string): boolean => table.lookup(parseAddress(client)).action === 'permit'
const login = (client: string, user?: string) =>
  table.add({ client: parseAddress(client), reporter: 'local', via: 'test', ...(user === undefined ? {} : { user }) })

describe('permit', () => {
  test('authorizes, and is told to the audit log with who and from where', async () => {
    const { status, body } = await ask('POST', '/v1/authorizations', {
      address: '::ffff:192.0.2.25',
      by: 'eve',
      lifetime: 60,
      user: 'printer',
    })
    expect([status, body.status]).toEqual([200, 'added'])
    expect(may('192.0.2.25')).toBe(true)
    expect(told).toEqual([
      {
        action: 'permit',
        who: 'eve at 127.0.0.1',
        from: '127.0.0.1',
        target: '192.0.2.25 user=printer lifetime=60',
        outcome: 'added',
      },
    ])
  })

  test('of an exempt address gives nothing, and is told too', async () => {
    const { body } = await ask('POST', '/v1/authorizations', { address: '10.1.2.3' })
    expect(body).toEqual({ status: 'ignored', reason: 'exempt' })
    expect(may('10.1.2.3')).toBe(false)
    expect(told[0]).toMatchObject({ outcome: 'ignored exempt', who: 'token at 127.0.0.1' })
  })

  test.each([
    [{}],
    [{ address: 'mail.example.org' }],
    [{ address: '192.0.2.25', lifetime: 0 }],
    [{ address: '192.0.2.25', lifetime: '9 days' }],
    [{ address: '192.0.2.25', what: 1 }],
    [{ address: '192.0.2.0/24' }],
    [{ address: '192.0.2.25', session: 'x' }],
  ])('%j is refused', async (body) => {
    expect((await ask('POST', '/v1/authorizations', body)).status).toBe(400)
    expect(store.count()).toBe(0)
  })
})

describe('revoke', () => {
  beforeEach(async () => {
    await login('192.0.2.25', 'alice')
    await login('192.0.2.26', 'bob')
    await login('198.51.100.1', 'alice')
  })

  test('an address', async () => {
    const { body } = await ask('DELETE', '/v1/authorizations/192.0.2.25?by=eve')
    expect(body).toEqual({ revoked: ['192.0.2.25'] })
    expect([may('192.0.2.25'), may('192.0.2.26')]).toEqual([false, true])
    expect(told[0]).toMatchObject({ action: 'revoke', target: '192.0.2.25', outcome: 'revoked 1' })
  })

  test('a user', async () => {
    await ask('DELETE', '/v1/authorizations?user=alice')
    expect([may('192.0.2.25'), may('192.0.2.26'), may('198.51.100.1')]).toEqual([false, true, false])
  })

  test('a network, and nothing outside', async () => {
    await ask('DELETE', '/v1/authorizations?network=192.0.2.0/24')
    expect([may('192.0.2.25'), may('192.0.2.26'), may('198.51.100.1')]).toEqual([false, false, true])
    expect(told[0]).toMatchObject({ target: 'network=192.0.2.0/24', outcome: 'revoked 2' })
  })

  test.each(['', '?user=', '?who=alice', '?network=192.0.2.1/24', '?network=nonsense'])(
    'nothing for "%s"',
    async (query) => {
      expect((await ask('DELETE', `/v1/authorizations${query}`)).status).toBe(400)
      expect(store.count()).toBe(3)
    },
  )
})

describe('list', () => {
  beforeEach(async () => {
    for (let n = 1; n <= 5; n++) await login(`192.0.2.${n}`, `user${n}`)
  })

  test('pages by address', async () => {
    const first = await ask('GET', '/v1/authorizations?limit=2')
    expect(first.body).toMatchObject({ next: '192.0.2.2', authorizations: [{ address: '192.0.2.1' }, {}] })
    const rest = await ask('GET', '/v1/authorizations?limit=10&after=192.0.2.2')
    expect(rest.body.authorizations).toHaveLength(3)
    expect(rest.body.next).toBeUndefined()
  })

  test('searches', async () => {
    const { body } = await ask('GET', '/v1/authorizations?text=USER3')
    expect(body).toMatchObject({ total: 1, authorizations: [{ address: '192.0.2.3', logins: [{ user: 'user3' }] }] })
  })
})

describe('reports', () => {
  test('a session keeps its address until its logout, and no other ends it', async () => {
    const session = { address: '192.0.2.25', source: 'popd', session: 'a' }
    expect((await ask('POST', '/v1/logins', session)).body.status).toBe('added')
    expect(table.sessions.count).toBe(1)
    expect((await ask('POST', '/v1/logouts', { session: 'b', source: 'popd' })).body.status).toBe('unknown')
    expect((await ask('POST', '/v1/logouts', { session: 'a', source: 'popd' })).body.status).toBe('ended')
    expect(table.sessions.count).toBe(0)
  })

  test('cannot pass for a permission that an administrator gave', async () => {
    expect((await ask('POST', '/v1/logins', { address: '192.0.2.25', source: 'permit by root' })).status).toBe(400)
    expect(may('192.0.2.25')).toBe(false)
  })

  test('from a host that is not trusted are refused, token or not', async () => {
    table.setPolicy({ ...table.policy, trustedClients: trustNetworks([]) })
    const { status, body } = await ask('POST', '/v1/logins', { address: '192.0.2.25' })
    expect([status, body.reason]).toEqual([403, 'untrusted-reporter'])
    expect(may('192.0.2.25')).toBe(false)
    expect((await ask('POST', '/v1/logouts', { session: 'a' })).status).toBe(403)
  })
})

describe('store trouble', () => {
  test.each([
    ['GET', '/v1/authorizations'],
    ['GET', '/v1/authorizations?text=a'],
    ['POST', '/v1/logins'],
    ['DELETE', '/v1/authorizations/192.0.2.25'],
  ] as const)('%s %s is answered 503', async (method, path) => {
    store.goDown('the disk is full')
    const reply = await ask(method, path, method === 'POST' ? { address: '192.0.2.25' } : undefined)
    expect([reply.status, reply.body]).toEqual([503, { error: 'the disk is full' }])
  })
})

test('events tell of logins and of what people do', async () => {
  const { port } = app.server.address() as { port: number }
  const reply = await fetch(`http://127.0.0.1:${port}/v1/events`)
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  await login('192.0.2.25', 'alice')
  await ask('DELETE', '/v1/authorizations/192.0.2.25?by=eve')
  let text = ''
  while (!text.includes('"audit"')) text += (await reader.read()).value
  const events = Array.from(text.matchAll(/^data: (.*)$/gm), ([, json]) => JSON.parse(json!) as object)
  expect(events).toMatchObject([
    { event: 'added', address: '192.0.2.25', source: 'test' },
    { event: 'revoked', address: '192.0.2.25', by: 'eve at 127.0.0.1' },
    { event: 'audit', action: 'revoke', who: 'eve at 127.0.0.1' },
  ])
  await reader.cancel()
})

test('a request body over 64 KiB is refused', async () => {
  const reply = await ask('POST', '/v1/logins', { address: '192.0.2.25', note: 'x'.repeat(70_000) })
  expect(reply.status).toBe(413)
})

test('what a form of another site may send without asking is not understood', async () => {
  const { port } = app.server.address() as { port: number }
  const body = JSON.stringify({ address: '192.0.2.25' })
  const reply = await fetch(`http://127.0.0.1:${port}/v1/authorizations`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body,
  })
  expect(reply.status).toBeGreaterThanOrEqual(400)
  expect(store.count()).toBe(0)
})

test('every route is in the OpenAPI document, and no other', () => {
  const described = OPERATIONS.filter(({ path }) => path !== '/metrics').map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace('{address}', ':address')}`,
  )
  expect(routes.length).toBeGreaterThan(8)
  expect(new Set(routes.filter((route) => !route.startsWith('HEAD ')))).toEqual(new Set(described))
  expect(Object.keys((openApiDocument('1') as { paths: object }).paths)).toContain('/metrics')
})
