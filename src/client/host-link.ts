// One server: where it listens, the connection to it, and what to do when either is out of date.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Address } from '../lib/address.ts'
import { tempfail } from '../lib/errors.ts'
import { AddStat, DRACPROC_ADD, DRACPROG, decodeAddResult, encodeAdd } from '../protocols/drac/add.ts'
import type { OpaqueAuth } from '../protocols/oncrpc/auth.ts'
import { encodeCall } from '../protocols/oncrpc/message.ts'
import type { Connection } from './connection.ts'
import type { Deadline } from './deadline.ts'
import type { HostSpec } from './host-spec.ts'
import { lookUpPort } from './port-lookup.ts'
import { CALL_FAILED, type HostResult, NOT_CONNECTED, resultOf } from './result.ts'
import { openTcp } from './tcp.ts'
import { openUdp } from './udp.ts'

/** Addresses of one name that are tried, in the resolver's order with IPv4 first. */
const MAX_ADDRESSES = 4

/** A name's addresses. */
export type Resolve = (host: string) => Promise<readonly string[]>

export interface LinkOptions {
  readonly transport: 'udp' | 'tcp'
  readonly portmapperPort: number
  readonly cred: OpaqueAuth
  readonly resolve: Resolve
}

type Add = ReturnType<typeof encodeAdd>

export class HostLink {
  readonly #spec: HostSpec
  readonly #options: LinkOptions
  /** By program version, for each may have a port of its own; under 0 where the port is fixed. */
  readonly #connections = new Map<number, Connection>()
  #closed = false

  constructor(spec: HostSpec, options: LinkOptions) {
    this.#spec = spec
    this.#options = options
  }

  /** The server as it was configured. */
  get host(): string {
    return this.#spec.text
  }

  /** Code 0 once there is a port to send calls of version `vers` to (over TCP: a connection), else -1. */
  async connect(vers: number, deadline: Deadline): Promise<HostResult> {
    const connected = { host: this.host, code: AddStat.ADD_SUCCESS, message: 'connected' }
    if (this.#remembered(vers)) return connected
    return this.#eachAddress(deadline, async (address, share) => {
      await this.#open(address, vers, share)
      return connected
    })
  }

  /** Reports one login. A failure is a result, never a rejection. */
  async send(client: Address, deadline: Deadline): Promise<HostResult> {
    const add = encodeAdd(client)
    const remembered = this.#remembered(add.vers)
    if (remembered) {
      const result = await this.#call(remembered, add, deadline)
      // The server may have restarted, on another port perhaps: once more from the beginning.
      if (result.code !== CALL_FAILED || deadline.expired || this.#closed) return result
    }
    return this.#eachAddress(deadline, async (address, share) =>
      this.#call(await this.#open(address, add.vers, share), add, share),
    )
  }

  close(): void {
    this.#closed = true
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  /** The first result that is not a failure; else a failed call rather than a failed connection. */
  async #eachAddress(
    deadline: Deadline,
    attempt: (address: string, share: Deadline) => Promise<HostResult>,
  ): Promise<HostResult> {
    let failure = this.#result(NOT_CONNECTED)
    try {
      const addresses = (await deadline.race(this.#resolve())).slice(0, MAX_ADDRESSES)
      for (const [i, address] of addresses.entries()) {
        if (deadline.expired) break
        const share = deadline.share(addresses.length - i)
        const result = await attempt(address, share)
          .catch((cause) => this.#result(NOT_CONNECTED, cause))
          .finally(() => share.end())
        if (result.code >= 0) return result
        if (failure.code !== CALL_FAILED) failure = result
      }
      return failure
    } catch (cause) {
      return this.#result(NOT_CONNECTED, cause)
    }
  }

  async #resolve(): Promise<readonly string[]> {
    const { host } = this.#spec
    return isIP(host.replace(/%.*/, '')) ? [host] : this.#options.resolve(host)
  }

  async #open(address: string, vers: number, deadline: Deadline): Promise<Connection> {
    const { transport, portmapperPort } = this.#options
    const port = this.#spec.port ?? (await lookUpPort({ address, port: portmapperPort }, { vers, transport }, deadline))
    const connection = await (transport === 'tcp' ? openTcp : openUdp)({ address, port }, deadline)
    return this.#keep(vers, connection)
  }

  /** Two reports may have opened one each: the first stays. */
  #keep(vers: number, connection: Connection): Connection {
    const other = this.#remembered(vers)
    if (other || this.#closed) connection.close()
    if (this.#closed) throw tempfail('DRAC_CLIENT_CLOSED', 'the client is closed')
    if (other) return other
    this.#connections.set(this.#key(vers), connection)
    return connection
  }

  #remembered(vers: number): Connection | undefined {
    const connection = this.#connections.get(this.#key(vers))
    if (!connection || connection.open) return connection
    this.#forget(connection)
    return undefined
  }

  #forget(connection: Connection): void {
    connection.retire()
    for (const [key, kept] of this.#connections) if (kept === connection) this.#connections.delete(key)
  }

  #key(vers: number): number {
    return this.#spec.port === undefined ? vers : 0
  }

  async #call(connection: Connection, { vers, args }: Add, deadline: Deadline): Promise<HostResult> {
    try {
      const { cred } = this.#options
      const message = (xid: number): Buffer => encodeCall({ xid, prog: DRACPROG, vers, proc: DRACPROC_ADD, cred, args })
      const reply = await connection.call(message, deadline)
      if (reply.stat !== 'SUCCESS') throw tempfail('DRAC_CLIENT_REFUSED', `the server answered ${reply.stat}`)
      return this.#result(decodeAddResult(reply.results))
    } catch (cause) {
      this.#forget(connection)
      return this.#result(CALL_FAILED, cause)
    }
  }

  #result(code: HostResult['code'], cause?: unknown): HostResult {
    const result = { host: this.#spec.text, ...resultOf(code) }
    return cause === undefined ? result : { ...result, cause }
  }
}

/** The system's resolver. It cannot be called off: the process may outlive a deadline until it gives up. */
export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address)
