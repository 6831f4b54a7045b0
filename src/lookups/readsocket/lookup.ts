// Look-up: what Exim's readsocket asks, to verdicts.
import type { Lookups } from '../../core/lookups.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { type ErrorKind, kindOf } from '../../lib/errors.ts'
import { decodeRequest, encodeReply, type Reply } from '../../protocols/readsocket/readsocket.ts'

/**
 * From what went wrong to the answer. A command that is not ours is a mistake in Exim's configuration: try later, so that
 * no mail bounces until it is mended.
 */
const ANSWER: Readonly<Record<ErrorKind, Reply>> = {
  malformed: 'no',
  unsupported: 'temp',
  tempfail: 'temp',
  config: 'temp',
}

/** One request line in, one reply line out, Latin-1. What is no IP address may not relay. */
export const answerRequest = (lookups: Lookups, line: Uint8Array): string =>
  encodeReply(answer(lookups, line)).toString('latin1')

function answer(lookups: Lookups, line: Uint8Array): Reply {
  try {
    const client = clientOfKey(decodeRequest(line).key)
    return client !== undefined && lookups.lookup(client).action === 'permit' ? 'yes' : 'no'
  } catch (error) {
    return ANSWER[kindOf(error)]
  }
}
