// Look-up: WHOSON QUERY to verdicts.
import { type Lookups, recentUser, type Users } from '../../core/lookups.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { DracError, type ErrorKind, kindOf, messageOf } from '../../lib/errors.ts'
import { decodeRequest, encodeReply, type Reply, type Request } from '../../protocols/whoson/whoson.ts'

/** Said of an address that may relay when no report named a user: an empty identity is taken for "nobody" by some clients. */
export const UNNAMED = 'drac'

const MAY_NOT: Reply = { status: '-', text: 'Not Logged in' }
const CANNOT_TELL: Reply = { status: '*', text: 'relay authorizations are not available, try again later' }
/** Requests that are no look-ups, where nobody takes them. */
const NOT_SERVED: Readonly<Record<Exclude<Request['verb'], 'QUERY' | 'QUIT'>, Reply>> = {
  LOGIN: { status: '*', text: 'logins are not taken here' },
  LOGOUT: { status: '*', text: 'logins are not taken here' },
  LIST: { status: '*', text: 'command not found' },
}

const ANSWER: Readonly<Record<ErrorKind, (error: unknown) => Reply>> = {
  malformed: saying,
  unsupported: saying,
  tempfail: () => CANNOT_TELL,
  config: () => CANNOT_TELL,
}

/** One request line in, one reply with its empty line out. `last`: the client wants no more answers. */
export function answerRequest(lookups: Lookups & Users, line: Uint8Array): { reply: Buffer; last: boolean } {
  try {
    const request = decodeRequest(line)
    if (request.verb === 'QUIT') return { reply: encodeReply({ status: '+', text: 'QUIT OK' }), last: true }
    const reply = request.verb === 'QUERY' ? query(lookups, request.key) : NOT_SERVED[request.verb]
    return { reply: encodeReply(reply), last: false }
  } catch (error) {
    return { reply: encodeReply(ANSWER[kindOf(error)](error)), last: false }
  }
}

function query(lookups: Lookups & Users, key: string): Reply {
  const client = clientOfKey(key)
  const verdict = client === undefined ? undefined : lookups.lookup(client)
  if (verdict?.action !== 'permit') return MAY_NOT
  return { status: '+', text: recentUser(lookups.logins(verdict.authorization.key)) ?? UNNAMED }
}

/** The codec's own words, which are WHOSON's. */
function saying(error: unknown): Reply {
  return error instanceof DracError ? { status: '*', text: messageOf(error) } : CANNOT_TELL
}
