// One add, from the call to the relay table; shared by both transports.
import type { AddResult, LoginEvent } from '../../core/login-event.ts'
import { type Refused, refused } from '../../core/refused.ts'
import type { Address } from '../../lib/address.ts'
import type { Reports } from './answer.ts'

const VIA = 'drac-rpc'

/** Rejects as `reports.add` does. */
export async function report(
  reports: Reports,
  client: Address,
  reporter: LoginEvent['reporter'],
  forwardable: boolean,
): Promise<AddResult> {
  const result = await reports.add(
    forwardable ? { client, reporter, via: VIA, forwardable } : { client, reporter, via: VIA },
  )
  if (result.status === 'refused' && refused.hasSubscribers) {
    refused.publish({ reporter, client, reason: result.reason, via: VIA } satisfies Refused)
  }
  return result
}
