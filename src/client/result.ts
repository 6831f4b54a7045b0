// What a report came to, in the numbers of libdrac's dracauth(3).
import { AddStat } from '../protocols/drac/add.ts'

/** No connection could be made, or there is none. */
export const NOT_CONNECTED = -1
/** The call was made and no useful answer came. */
export const CALL_FAILED = -2

/** 0 remembered; 1 ADD_PERM, 2 ADD_SYSERR, 3 ADD_UNKOWN from the server; -1 no connection; -2 the call failed. */
export type DracCode = AddStat | typeof NOT_CONNECTED | typeof CALL_FAILED

/** As libdrac returns it: a number and one line for a log. */
export interface DracResult {
  readonly code: DracCode
  readonly message: string
}

/** One server's answer. */
export interface HostResult extends DracResult {
  /** As it was configured: `mail.example.net`, `192.0.2.1:9001`. */
  readonly host: string
  /** What went wrong underneath when `code` is negative. */
  readonly cause?: unknown
}

/** What all servers together answered; `off` when none is configured. */
export interface ClientResult {
  readonly code: DracCode | 'off'
  readonly message: string
}

export const MESSAGES: Readonly<Record<DracCode | 'off', string>> = {
  [AddStat.ADD_SUCCESS]: 'the address may relay',
  [AddStat.ADD_PERM]: 'the DRAC server does not trust this host',
  [AddStat.ADD_SYSERR]: 'the DRAC server could not store the address',
  [AddStat.ADD_UNKOWN]: 'the DRAC server had an unknown error',
  [NOT_CONNECTED]: 'cannot connect to the DRAC server',
  [CALL_FAILED]: 'the DRAC server did not answer the call',
  off: 'no DRAC server is configured',
}

export const resultOf = (code: DracCode): DracResult => ({ code, message: MESSAGES[code] })

/**
 * One result for all servers: success when one accepted; else the answer of the first that answered; else that a call
 * failed; else that there was no connection.
 */
export function bestResult(results: readonly DracResult[]): ClientResult {
  const [best] = results.toSorted((a, b) => rank(a.code) - rank(b.code))
  return best ? { code: best.code, message: best.message } : { code: 'off', message: MESSAGES.off }
}

const rank = (code: DracCode): number =>
  code === AddStat.ADD_SUCCESS ? 0 : code > 0 ? 1 : code === CALL_FAILED ? 2 : 3
