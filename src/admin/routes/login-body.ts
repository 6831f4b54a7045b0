import type { FastifyReply } from 'fastify'
import type { AddResult, LoginEvent } from '../../core/login-event.ts'
import { parseAddress } from '../../lib/address.ts'
import { authorizationView } from '../views.ts'

export interface LoginBody {
  address: string
  user?: string
  source?: string
  note?: string
  lifetime?: number
}

/** @param via when the body names no source */
export function loginOf(
  { address, source, ...rest }: LoginBody,
  reporter: LoginEvent['reporter'],
  via: string,
): LoginEvent {
  return { client: parseAddress(address), reporter, via: source ?? via, ...rest }
}

/** 200 for what is stored or may be forgotten, 403 for what is refused; store trouble goes to the error handler. */
export function answer(result: AddResult, now: number, reply: FastifyReply): unknown {
  if (result.status === 'refused')
    return reply.code(result.reason === 'table-full' ? 503 : 403).send({ ...result, error: result.reason })
  if (result.status === 'ignored') return result
  return { status: result.status, authorization: authorizationView(result.authorization, [], now) }
}
