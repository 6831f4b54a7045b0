// The HTTP endpoint: what each room serves there, behind the token.
import type { FastifyInstance } from 'fastify'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import { carriesToken, httpApp, listenHttp } from '../net/http.ts'
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

/** Opens every endpoint or none. Rejects with `config`. */
export async function openHttp(settings: Settings['http'], routes: readonly Routes[]): Promise<OpenHttp> {
  let tokens = readTokens(settings)
  const apps: FastifyInstance[] = []
  const endpoints: string[] = []
  const close = async (): Promise<void> => void (await Promise.allSettled(apps.map((app) => app.close())))
  try {
    for (const endpoint of settings.listen) {
      makeSocketDirectory(endpoint)
      const app = guarded(endpoint, () => tokens)
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
      if (carriesToken(request, admin)) return
      // The route that will answer, not the path that was asked for: one cannot look like the other.
      if (REPORTS.test(request.routeOptions.url ?? '') && carriesToken(request, report)) return
      return reply
        .code(401)
        .header('www-authenticate', 'Basic realm="drac"')
        .send({ error: 'the token of [http] token_file is asked for: Authorization: Bearer TOKEN' })
    })
  return app
}
