// HTTP listeners: limits, errors and the token, the same for whatever is served there.
import { createHash, timingSafeEqual } from 'node:crypto'
import { chmodSync } from 'node:fs'
import fastify, { type FastifyInstance, type FastifyListenOptions, type FastifyRequest } from 'fastify'
import { type Address, addressOfPeer } from '../lib/address.ts'
import { type ErrorKind, kindOf, messageOf, tempfail } from '../lib/errors.ts'
import { cannotListen } from './bind-error.ts'
import type { Endpoint } from './endpoint.ts'
import { clearUnixPath } from './unix-path.ts'

/** One HTTP status for each kind of error. */
export const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unsupported: 400,
  tempfail: 503,
  config: 500,
}
/** Bytes of a request's body. */
const BODY_LIMIT = 64 * 1024
const MAX_CONNECTIONS = 512

/** An application without routes: 64 KiB bodies, 16 KiB headers, 10 s for a request, 60 s idle, JSON errors, no CORS. */
export function httpApp(): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 10_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 60_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    ajv: { customOptions: { coerceTypes: 'array', removeAdditional: false } },
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
  })
  app.server.maxConnections = MAX_CONNECTIONS
  app.setErrorHandler((error, _request, reply) => {
    const invalid = (error as { validation?: unknown }).validation !== undefined
    const code = (error as { statusCode?: number }).statusCode
    return reply.code(invalid ? 400 : (code ?? STATUS[kindOf(error)])).send({ error: messageOf(error) })
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `no such resource: ${request.method} ${request.url.split('?')[0]}` }),
  )
  return app
}

/** Listens. Resolves with the endpoint as bound; rejects with `config` DRAC_LISTEN. @param mode of a unix socket's file */
export async function listenHttp(app: FastifyInstance, endpoint: Endpoint, mode = 0o660): Promise<Endpoint> {
  try {
    const { fd } = endpoint
    if (endpoint.transport === 'udp') throw new Error('HTTP is spoken over tcp: or unix:')
    // peerOf() could not tell that its peers are local.
    if (endpoint.transport === 'unix' && fd !== undefined) throw new Error('take it out of the socket unit')
    if (endpoint.transport === 'unix') await listenUnix(app, endpoint.path, mode)
    else if (fd === undefined) await app.listen({ host: endpoint.address, port: endpoint.port })
    // Node.js takes the descriptor; the host is there so that Fastify looks for none.
    else await app.listen({ host: endpoint.address, fd } as FastifyListenOptions)
  } catch (error) {
    throw cannotListen(endpoint, error)
  }
  if (endpoint.transport === 'unix') return endpoint
  return { ...endpoint, port: (app.server.address() as { port: number }).port }
}

async function listenUnix(app: FastifyInstance, path: string, mode: number): Promise<void> {
  await clearUnixPath(path)
  const umask = process.umask(0o777 & ~mode)
  try {
    await app.listen({ path })
    chmodSync(path, mode)
  } finally {
    process.umask(umask)
  }
}

/** The host that asks; `local` over a unix socket, and over nothing else. Throws `tempfail` when the peer has gone. */
export function peerOf(request: FastifyRequest): Address | 'local' {
  if (typeof request.server.server.address() === 'string') return 'local'
  const { remoteAddress } = request.raw.socket
  if (remoteAddress === undefined) throw tempfail('DRAC_HTTP_PEER', 'the connection was closed meanwhile')
  return addressOfPeer(remoteAddress)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Whether the request carries the token: `Authorization: Bearer TOKEN`, or `Basic` with the token for a password, which is
 * what http://drac:TOKEN@host/ in a URL becomes. Takes the same time for every wrong token.
 */
export function carriesToken(request: FastifyRequest, token: string): boolean {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ', 2)
  const offered = scheme.toLowerCase() === 'basic' ? passwordOf(value) : scheme.toLowerCase() === 'bearer' ? value : ''
  return token !== '' && timingSafeEqual(digest(offered), digest(token))
}

/**
 * Whether a page of another site has made a browser send this: it sends the token too, which it remembers as a password.
 * The Fetch standard's Origin, and Sec-Fetch-Site (W3C Fetch Metadata) where the browser has it. A page that is only looked
 * at, and whatever is no browser, is not meant.
 */
export function isFromAnotherSite({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const { 'sec-fetch-site': site, origin, host } = headers
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}
