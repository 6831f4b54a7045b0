import { chmodSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { configError } from '../lib/errors.ts'
import { cannotListen } from '../net/bind-error.ts'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import { clearUnixPath } from '../net/unix-path.ts'

/** Serves the control API. Rejects with `config` when the endpoint is no unix socket or cannot be listened on. */
export async function openControl(api: FastifyInstance, endpoint: Endpoint): Promise<void> {
  if (endpoint.transport !== 'unix') {
    const cure = 'the control socket has no password, only its file mode; write unix:PATH'
    throw configError('DRAC_SETTING', `control: ${formatEndpoint(endpoint)}: ${cure}`)
  }
  await clearUnixPath(endpoint.path)
  const umask = process.umask(0o117)
  try {
    await api.listen({ path: endpoint.path })
    chmodSync(endpoint.path, 0o660)
  } catch (error) {
    throw cannotListen(endpoint, error)
  } finally {
    process.umask(umask)
  }
}
