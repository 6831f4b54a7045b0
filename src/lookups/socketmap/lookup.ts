// Look-up: socketmap requests of sendmail and Postfix to verdicts.
import type { Lookups } from '../../core/lookups.ts'
import { clientOfKey } from '../../lib/client-key.ts'
import { type ErrorKind, kindOf } from '../../lib/errors.ts'
import { decodeRequest, encodeReply } from '../../protocols/socketmap/socketmap.ts'

const wire = (reply: Parameters<typeof encodeReply>[0]): string => encodeReply(reply).toString('latin1')

/** `OK` needs a value: without one sendmail 8.17.1 crashes and Postfix defers. */
const MAY = wire({ status: 'OK', data: 'OK' })
const MAY_NOT = wire({ status: 'NOTFOUND' })
const CANNOT_TELL = wire({ status: 'TEMP', reason: 'relay authorizations are not available, try again later' })

/** From what went wrong to the answer. Never PERM: sendmail and Postfix would bounce the mail. */
const ANSWER: Readonly<Record<ErrorKind, string>> = {
  malformed: MAY_NOT,
  unsupported: MAY_NOT,
  tempfail: CANNOT_TELL,
  config: CANNOT_TELL,
}

/** One request in, one reply out, a netstring in Latin-1. Any map name; a key that is no IP address may not relay. */
export function answerRequest(lookups: Lookups, request: Uint8Array): string {
  try {
    const client = clientOfKey(decodeRequest(request).key)
    if (client === undefined) return MAY_NOT
    return lookups.lookup(client).action === 'permit' ? MAY : MAY_NOT
  } catch (error) {
    return ANSWER[kindOf(error)]
  }
}
