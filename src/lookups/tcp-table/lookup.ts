// Look-up: tcp_table requests of Postfix to verdicts.
import type { Lookups } from '../../core/lookups.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { type ErrorKind, kindOf } from '../../lib/errors.ts'
import { decodeRequest, encodeReply, type Reply } from '../../protocols/tcp-table/tcp-table.ts'

const wire = (reply: Reply): string => encodeReply(reply).toString('latin1')

const MAY = wire({ status: 200, text: 'OK' })
const MAY_NOT = wire({ status: 500, text: 'not found' })
const CANNOT_TELL = wire({ status: 400, text: 'relay authorizations are not available, try again later' })

/** From what went wrong to the answer. */
const ANSWER: Readonly<Record<ErrorKind, string>> = {
  malformed: MAY_NOT,
  unsupported: wire({ status: 500, text: 'only get is served' }),
  tempfail: CANNOT_TELL,
  config: CANNOT_TELL,
}

/**
 * One request line in, one reply line out, Latin-1. A key that is no IP address may not relay: Postfix asks for the
 * client's host name first, and an OK to that would authorize the name.
 */
export function answerRequest(lookups: Lookups, line: Uint8Array): string {
  try {
    const client = clientOfKey(decodeRequest(line).key)
    if (client === undefined) return MAY_NOT
    return lookups.lookup(client).action === 'permit' ? MAY : MAY_NOT
  } catch (error) {
    return ANSWER[kindOf(error)]
  }
}
