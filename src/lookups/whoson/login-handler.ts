// The requests that are no look-ups, for whoever takes them.
import type { Address } from '../../lib/address.ts'
import { decodeRequest, type Request } from '../../protocols/whoson/whoson.ts'

export type LoginRequest = Exclude<Request, { readonly verb: 'QUERY' | 'QUIT' }>

/** Who takes LOGIN, LOGOUT and LIST. */
export interface LoginHandler {
  /** The whole reply, once what it says is durable. Never rejects. @param peer `local` over a unix socket */
  answer(request: LoginRequest, peer: Address | 'local'): Promise<Buffer>
}

/** Undefined for a look-up, and for what is no request. */
export function loginRequest(line: Uint8Array): LoginRequest | undefined {
  try {
    const request = decodeRequest(line)
    return request.verb === 'QUERY' || request.verb === 'QUIT' ? undefined : request
  } catch {
    return undefined
  }
}
