// The HTTP endpoint: what each room serves there, behind the token.
import type { FastifyInstance } from 'fastify'
import { type Address, addressOfPeer } from '../lib/address.ts'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import { carriesToken, httpApp, isFromAnotherSite, listenHttp } from '../net/http.ts'
import type { Settings } from './settings/schema.ts'
import { makeSocketDirectory } from './socket-directory.ts'
import { readTokens, type Tokens } from './token.ts'

/** Adds its routes. Every request that reaches them carried the token, or came over a unix socket. */
export type Routes = (app: FastifyInstance) => void

export interface OpenHttp {
  readonly endpoints: readonly string[]
  /** Asked for from now on. */
  setTokens(tokens: Tokens): void
  close(): Promise<void>
}

/** Connections at once of hosts that are not trusted to report; there is room for as many others and more. */
const MAX_STRANGERS = 128

/** Opens every endpoint or none. Rejects with `config`. @param trusts whether a host may report, of which strangers take no place */
export async function openHttp(
  settings: Settings['http'],
  routes: readonly Routes[],
  trusts: (peer: Address) => boolean = () => true,
): Promise<OpenHttp> {
  let tokens = readTokens(settings)
  const apps: FastifyInstance[] = []
  const endpoints: string[] = []
  const close = async (): Promise<void> => void (await Promise.allSettled(apps.map((app) => app.close())))
  try {
    for (const endpoint of settings.listen) {
      makeSocketDirectory(endpoint)
      const app = guarded(endpoint, () => tokens)
      limitStrangers(app, trusts)
      apps.push(app)
      for (const add of routes) add(app)
      endpoints.push(formatEndpoint(await listenHttp(app, endpoint)))
    }
    const setTokens = (to: Tokens): void => {
      tokens = to
    }
    return { endpoints, setTokens, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Routes that a mail server needs, as they were registered. */
const REPORTS = /^\/(dovecot\/|v1\/(logins|logouts)$)/

/** A unix socket's file mode is its check. */
function guarded(endpoint: Endpoint, tokens: () => Tokens): FastifyInstance {
  const app = httpApp()
  if (endpoint.transport !== 'unix')
    app.addHook('onRequest', async (request, reply) => {
      const { admin, report } = tokens()
      // The route that will answer, not the path that was asked for: one cannot look like the other.
      const isReport = REPORTS.test(request.routeOptions.url ?? '')
      if (carriesToken(request, admin) || (isReport && carriesToken(request, report))) {
        if (!isFromAnotherSite(request)) return
        return reply.code(403).send({ error: 'a page of another site asks for this' })
      }
      return reply
        .code(401)
        .header('www-authenticate', 'Basic realm="drac"')
        .send({ error: 'the token of [http] token_file is asked for: Authorization: Bearer TOKEN' })
    })
  return app
}

function limitStrangers(app: FastifyInstance, trusts: (peer: Address) => boolean): void {
  let strangers = 0
  app.server.on('connection', (socket) => {
    const peer = socket.remoteAddress
    if (peer === undefined || trusts(addressOfPeer(peer))) return
    if (strangers >= MAX_STRANGERS) return void socket.destroy()
    strangers++
    socket.once('close', () => strangers--)
  })
}
