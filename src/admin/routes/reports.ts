// Reports of a mail server's own program: drac-report, a script, anything that speaks JSON.
import type { FastifyInstance } from 'fastify'
import type { LoginEvent } from '../../core/login-event.ts'
import { type Refused, refused } from '../../core/refused.ts'
import type { RelayTable } from '../../core/relay-table.ts'
import { peerOf } from '../../net/http.ts'
import { LOGIN, LOGOUT } from '../schemas.ts'
import { answer, type LoginBody, loginOf } from './login-body.ts'

interface ReportBody extends LoginBody {
  kind?: 'login' | 'alive'
  session?: string
  lease?: number
  at?: number
}

/** Over a unix socket its file mode is the check, elsewhere trusted_clients is one too. */
export function addReports(app: FastifyInstance, table: RelayTable): void {
  app.post('/v1/logins', { schema: { body: LOGIN } }, async (request, reply) => {
    const event = reportOf(request.body as ReportBody, peerOf(request))
    const result = await table.add(event)
    if (result.status === 'refused' && refused.hasSubscribers) {
      const { reporter, client, via } = event
      refused.publish({ reporter, client, via, reason: result.reason } satisfies Refused)
    }
    return answer(result, table.now(), reply)
  })

  app.post('/v1/logouts', { schema: { body: LOGOUT } }, async (request, reply) => {
    const { session, source } = request.body as { session: string; source?: string }
    const result = await table.logout({ session, reporter: peerOf(request), via: source ?? 'login' })
    return result.status === 'refused' ? reply.code(403).send({ ...result, error: result.reason }) : result
  })
}

/** The control socket's reporter is `local`; over HTTP the peer must be among the trusted clients, too. */
function reportOf({ kind, session, lease, ...login }: ReportBody, reporter: LoginEvent['reporter']): LoginEvent {
  const leased = lease === undefined ? {} : { lease }
  return {
    ...loginOf(login, reporter, 'login'),
    ...(kind === undefined ? {} : { kind }),
    ...(session === undefined ? {} : { session: { id: session, kind: 'renews', ...leased } }),
  }
}
