// What Dovecot tells over HTTP: its auth policy reports and its events.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddResult, EndResult, LoginEvent } from '../../core/login-event.ts'
import { refused } from '../../core/refused.ts'
import type { LoginReports } from '../../core/reports.ts'
import { malformed } from '../../lib/errors.ts'
import { peerOf } from '../../net/http.ts'
import { decodeEvent } from '../../protocols/dovecot/event.ts'
import type { DovecotLogin } from '../../protocols/dovecot/login.ts'
import { decodeReport, GO_ON, POLICY_COMMANDS, type PolicyCommand } from '../../protocols/dovecot/policy.ts'
import { EndedLately } from './ended-lately.ts'

/** The same for reports and events, so that the event of its end closes the session that a report opened. */
const VIA = 'dovecot'

/**
 * `POST /dovecot/policy?command=report`: a login, for one lifetime. `POST /dovecot/policy/sessions?command=report`: one
 * that lasts until the event of its end; only for a Dovecot that sends it. `POST /dovecot/events`: logins and their ends.
 * Each is answered once what it says is durable: 400 malformed, 403 not believed, 503 try again.
 */
export function dovecotRoutes(table: LoginReports): (app: FastifyInstance) => void {
  const reports = new Reports(table)
  return (app) => {
    void app.register(async (own) => {
      own.removeAllContentTypeParsers()
      own.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      own.post('/dovecot/policy', (request, reply) => policy(request, reply, (bytes) => reports.policy(request, bytes)))
      own.post('/dovecot/policy/sessions', (request, reply) =>
        policy(request, reply, (bytes) => reports.policy(request, bytes, 'session')),
      )
      own.post('/dovecot/events', async (request, reply) => {
        const result = await reports.event(request, bodyOf(request))
        return result === undefined || result.status !== 'refused' ? reply.code(204).send() : deny(reply, result.reason)
      })
    })
  }
}

/** `allow` is asked before and after authentication, where an administrator left that switched on. */
async function policy(
  request: FastifyRequest,
  reply: FastifyReply,
  report: (body: Buffer) => Promise<AddResult | undefined>,
): Promise<FastifyReply> {
  const { command } = request.query as { command?: unknown }
  if (!POLICY_COMMANDS.includes(command as PolicyCommand))
    throw malformed('DRAC_DOVECOT', 'command must be report or allow: auth_policy_server_url ends without ?')
  const result = command === 'report' ? await report(bodyOf(request)) : undefined
  return result?.status === 'refused' ? deny(reply, result.reason) : reply.send(GO_ON)
}

const bodyOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0))

const deny = (reply: FastifyReply, reason: string): FastifyReply =>
  reply.code(reason === 'table-full' ? 503 : 403).send({ error: reason })

class Reports {
  readonly #table: LoginReports
  readonly #ended = new EndedLately()

  constructor(table: LoginReports) {
    this.#table = table
  }

  async policy(request: FastifyRequest, body: Buffer, session?: 'session'): Promise<AddResult | undefined> {
    const login = decodeReport(body)
    return login && this.#login(request, login, session !== undefined)
  }

  async event(request: FastifyRequest, body: Buffer): Promise<AddResult | EndResult | undefined> {
    const event = decodeEvent(body)
    if (event === undefined) return undefined
    if (event.kind === 'login') return this.#login(request, event.login, true)
    const { session } = event.end
    const reporter = peerOf(request)
    const result = await this.#table.logout({ via: VIA, reporter, ...event.end })
    if (result.status === 'refused') refused.publish({ reporter, reason: result.reason, via: VIA })
    else this.#ended.add(`${reporter} ${session}`)
    return result
  }

  async #login(request: FastifyRequest, login: DovecotLogin, opens: boolean): Promise<AddResult> {
    const { session, ...who } = login
    const reporter = peerOf(request)
    const open = opens && !this.#ended.has(`${reporter} ${session}`)
    const event: LoginEvent = {
      via: VIA,
      reporter,
      ...who,
      ...(open ? { session: { id: session, kind: 'renews' } } : {}),
    }
    const result = await this.#table.add(event)
    if (result.status === 'refused') refused.publish({ reporter, client: who.client, reason: result.reason, via: VIA })
    return result
  }
}
