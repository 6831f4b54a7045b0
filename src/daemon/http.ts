// The HTTP endpoint: what each room serves there, behind the token.
import type { FastifyInstance } from 'fastify'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import { carriesToken, httpApp, listenHttp } from '../net/http.ts'
import type { Settings } from './settings/schema.ts'
import { makeSocketDirectory } from './socket-directory.ts'
import { readToken } from './token.ts'

/** Adds its routes. Every request that reaches them carried the token, or came over a unix socket. */
export type Routes = (app: FastifyInstance) => void

export interface OpenHttp {
  readonly endpoints: readonly string[]
  /** Asked for from now on. */
  setToken(token: string): void
  close(): Promise<void>
}

/** Opens every endpoint or none. Rejects with `config`. */
export async function openHttp(settings: Settings['http'], routes: readonly Routes[]): Promise<OpenHttp> {
  let token = readToken(settings)
  const apps: FastifyInstance[] = []
  const endpoints: string[] = []
  const close = async (): Promise<void> => void (await Promise.allSettled(apps.map((app) => app.close())))
  try {
    for (const endpoint of settings.listen) {
      makeSocketDirectory(endpoint)
      const app = guarded(endpoint, () => token)
      apps.push(app)
      for (const add of routes) add(app)
      endpoints.push(formatEndpoint(await listenHttp(app, endpoint)))
    }
    const setToken = (to: string): void => {
      token = to
    }
    return { endpoints, setToken, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A unix socket's file mode is its check. */
function guarded(endpoint: Endpoint, token: () => string): FastifyInstance {
  const app = httpApp()
  if (endpoint.transport !== 'unix')
    app.addHook('onRequest', async (request, reply) => {
      if (carriesToken(request, token())) return
      return reply
        .code(401)
        .header('www-authenticate', 'Basic realm="drac"')
        .send({ error: 'the token of [http] token_file is asked for: Authorization: Bearer TOKEN' })
    })
  return app
}
