// DRAC calls to reports, results to replies: what RFC 5531 and rpc.dracd's clients expect for each way it can go.
import type { AddResult, LoginEvent, RefusedReason } from '../../core/login-event.ts'
import type { Address } from '../../lib/address.ts'
import { type ErrorKind, kindOf } from '../../lib/errors.ts'
import {
  AddStat,
  DRACPROC_ADD,
  DRACPROC_NULL,
  DRACPROG,
  DRACVERS,
  DRACVERS6,
  decodeAdd,
} from '../../protocols/drac/add.ts'
import { callIn, deniedReply, MIN_CALL_BYTES, wordAt } from '../../protocols/oncrpc/gate.ts'
import { AcceptStat, type Call, encodeAccepted, encodeProgMismatch } from '../../protocols/oncrpc/message.ts'

/** What this front end needs of the relay table. */
export interface Reports {
  /** Rejects when the report could not be kept. */
  add(event: LoginEvent): Promise<AddResult>
  trusts(reporter: Address): boolean
}

/** A whole DRACPROC_ADD, to be answered when the relay table has. */
export class AddCall {
  readonly xid: number
  readonly client: Address
  constructor(xid: number, client: Address) {
    this.xid = xid
    this.client = client
  }
}

/** A reply, an add to be made first, or undefined: no answer, for bytes that are no call. */
export type Answer = Buffer | AddCall | undefined

/** The wire answer to a call whose handling threw. In doubt: ADD_SYSERR, the client tries again at the next login. */
const FAILED: Readonly<Record<ErrorKind, (xid: number) => Buffer>> = {
  malformed: (xid) => encodeAccepted(xid, AcceptStat.GARBAGE_ARGS),
  unsupported: (xid) => encodeAccepted(xid, AcceptStat.PROC_UNAVAIL),
  tempfail: (xid) => encodeAccepted(xid, AcceptStat.SUCCESS, AddStat.ADD_SYSERR),
  config: (xid) => encodeAccepted(xid, AcceptStat.SUCCESS, AddStat.ADD_SYSERR),
}

const REFUSED: Readonly<Record<RefusedReason, AddStat>> = {
  'untrusted-reporter': AddStat.ADD_PERM,
  'forwarding-portmapper': AddStat.ADD_PERM,
  'table-full': AddStat.ADD_SYSERR,
}

/** Bytes of a trusted host. Never throws. */
export function answerCall(bytes: Uint8Array): Answer {
  const call = callIn(bytes)
  if (call === undefined) return undefined
  try {
    return deniedReply(call) ?? dispatch(call)
  } catch (error) {
    return FAILED[kindOf(error)](call.xid)
  }
}

/** Bytes of a host that is not trusted, who learns no more than ADD_PERM: only a whole add has an answer. Never throws. */
export function answerStranger(bytes: Uint8Array): AddCall | undefined {
  // Noise is dropped by its header, before anything is made of it: strangers send as much as they like.
  if (bytes.length < MIN_CALL_BYTES || wordAt(bytes, 12) !== DRACPROG) return undefined
  const answer = answerCall(bytes)
  return answer instanceof AddCall ? answer : undefined
}

export const answerAdded = (xid: number): Buffer => encodeAccepted(xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS)

/** A report that went into an exempt network is a success: a webmail login must not fill a POP server's log with errors. */
export function answerAdd(xid: number, result: AddResult): Buffer {
  const stat = result.status === 'refused' ? REFUSED[result.reason] : AddStat.ADD_SUCCESS
  return encodeAccepted(xid, AcceptStat.SUCCESS, stat)
}

export const answerFailure = (xid: number, error: unknown): Buffer => FAILED[kindOf(error)](xid)

/** ADD_SYSERR without having asked: more reports are waiting for the store than it is sane to remember. */
export const answerOverload = (xid: number): Buffer => FAILED.tempfail(xid)

function dispatch({ xid, prog, vers, proc, args }: Call): Answer {
  if (prog !== DRACPROG) return encodeAccepted(xid, AcceptStat.PROG_UNAVAIL)
  if (vers !== DRACVERS && vers !== DRACVERS6) return encodeProgMismatch(xid, DRACVERS, DRACVERS6)
  if (proc === DRACPROC_ADD) return new AddCall(xid, decodeAdd(vers, args))
  if (proc !== DRACPROC_NULL) return encodeAccepted(xid, AcceptStat.PROC_UNAVAIL)
  args.end()
  return encodeAccepted(xid, AcceptStat.SUCCESS)
}
