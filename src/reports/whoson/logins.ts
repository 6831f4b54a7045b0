// WHOSON LOGIN and LOGOUT to reports, results to replies. whosond denies by default; here trusted_clients are whom it allows.
import type { AddResult, EndResult, RefusedReason } from '../../core/login-event.ts'
import { type Refused, refused } from '../../core/refused.ts'
import type { LoginReports } from '../../core/reports.ts'
import type { Address } from '../../lib/address.ts'
import { encodeList, encodeReply, type Reply, type Request } from '../../protocols/whoson/whoson.ts'

const VIA = 'whoson'
/** Bytes of an identity that are kept. */
const MAX_USER_BYTES = 256

type Peer = Address | 'local'

/** What this front end needs of the relay table. */
export interface Reports extends LoginReports {
  trusts(reporter: Address): boolean
}

export interface WhosonCounters {
  logins: number
  logouts: number
  denied: number
}

const DENIED: Reply = { status: '*', text: 'Access denied' }
const LATER: Reply = { status: '*', text: 'logins cannot be kept, try again later' }
const REFUSED: Readonly<Record<RefusedReason, Reply>> = {
  'untrusted-reporter': DENIED,
  'forwarding-portmapper': DENIED,
  'table-full': { status: '*', text: 'too many logins, try again later' },
}
const LOGGED_IN: Reply = { status: '+', text: 'LOGIN OK' }
const LOGGED_OUT: Reply = { status: '+', text: 'LOGOUT record deleted' }
const NO_RECORD: Reply = { status: '+', text: 'LOGOUT no such record, nothing done' }

/**
 * A record is an address as one reporter told of it: a LOGIN replaces its own, a LOGOUT deletes its own. What other reports
 * of the same address gave stays.
 */
export class WhosonLogins {
  readonly #reports: Reports
  readonly #entries: () => number
  readonly #counters: WhosonCounters = { logins: 0, logouts: 0, denied: 0 }

  /** @param entries what is authorized now, for LIST; throws `tempfail` when it cannot be told */
  constructor(reports: Reports, entries: () => number) {
    this.#reports = reports
    this.#entries = entries
  }

  /** The whole reply, once what it says is durable. Never rejects. @param peer `local` over a unix socket */
  async answer(request: Exclude<Request, { readonly verb: 'QUERY' | 'QUIT' }>, peer: Peer): Promise<Buffer> {
    try {
      if (request.verb === 'LIST') return this.#list(peer)
      return encodeReply(
        request.verb === 'LOGIN'
          ? await this.#login(request.client, request.identity, peer)
          : await this.#logout(request.client, peer),
      )
    } catch {
      return encodeReply(LATER) // the store says why it is down
    }
  }

  /** A login that is stored nowhere, of an exempt network say, is a success: it must not fill a POP server's log. */
  async #login(client: Address, identity: string, reporter: Peer): Promise<Reply> {
    const user = cut(identity)
    const result = await this.#reports.add({
      client,
      reporter,
      via: VIA,
      session: { id: client, kind: 'held' },
      ...(user === '' ? {} : { user }),
    })
    if (result.status === 'refused') return this.#refused(result, client, reporter)
    this.#counters.logins++
    return LOGGED_IN
  }

  async #logout(client: Address, reporter: Peer): Promise<Reply> {
    const result = await this.#reports.withdraw({ reporter, via: VIA, session: client })
    if (result.status === 'refused') return this.#refused(result, client, reporter)
    this.#counters.logouts++
    return result.status === 'ended' ? LOGGED_OUT : NO_RECORD
  }

  #refused({ reason }: Extract<AddResult | EndResult, { status: 'refused' }>, client: Address, reporter: Peer): Reply {
    if (REFUSED[reason] === DENIED) this.#counters.denied++
    refused.publish({ reporter, client, reason, via: VIA } satisfies Refused)
    return REFUSED[reason]
  }

  #list(peer: Peer): Buffer {
    if (peer !== 'local' && !this.#reports.trusts(peer)) {
      this.#counters.denied++
      return encodeReply(DENIED)
    }
    const { logins, logouts, denied } = this.#counters
    const rows = { entries: this.#entries(), logins, logouts, denied }
    return encodeList(Object.entries(rows).map(([name, count]) => `${name} ${count}`))
  }
}

/** To MAX_USER_BYTES of UTF-8, whole characters only. */
function cut(text: string): string {
  const { written } = new TextEncoder().encodeInto(text, buffer)
  return decoder.decode(buffer.subarray(0, written))
}
const buffer = new Uint8Array(MAX_USER_BYTES)
const decoder = new TextDecoder()
