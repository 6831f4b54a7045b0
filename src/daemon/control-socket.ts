import type { FastifyInstance } from 'fastify'
import { configError } from '../lib/errors.ts'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import { listenHttp } from '../net/http.ts'

/** Serves the control API. Rejects with `config` when the endpoint is no unix socket or cannot be listened on. */
export async function openControl(api: FastifyInstance, endpoint: Endpoint): Promise<void> {
  if (endpoint.transport !== 'unix') {
    const cure = 'the control socket has no password, only its file mode; write unix:PATH'
    throw configError('DRAC_SETTING', `control: ${formatEndpoint(endpoint)}: ${cure}`)
  }
  await listenHttp(api, endpoint)
}
