// Tells DRAC servers about logins.
import { type Address, addressFromOctets, parseAddress } from '../lib/address.ts'
import { configError } from '../lib/errors.ts'
import { DRACVERS } from '../protocols/drac/add.ts'
import { AUTH_NONE, type OpaqueAuth } from '../protocols/oncrpc/auth.ts'
import { PMAP_PORT } from '../protocols/portmap/v2.ts'
import { Deadline } from './deadline.ts'
import { HostLink, type Resolve, systemResolve } from './host-link.ts'
import { parseHostSpec, splitHosts } from './host-spec.ts'
import { bestResult, type ClientResult, type HostResult, NOT_CONNECTED, resultOf } from './result.ts'

export interface DracClientOptions {
  /** `mail`, `mail:9001`, `[2001:db8::1]:9001`; in one text, several between commas or blanks. None: DRAC is off. */
  readonly hosts: string | readonly string[]
  /** `udp` when left out, as libdrac. */
  readonly transport?: 'udp' | 'tcp'
  /** For hosts that name no port; left out, their portmapper is asked. */
  readonly port?: number
  /** Milliseconds for everything that one report takes, name look-up and portmapper included; 2000 when left out. */
  readonly timeout?: number
  /** 111 when left out. */
  readonly portmapperPort?: number
  /** AUTH_NONE when left out; see encodeAuthSys. DRAC servers go by the source address, not by this. */
  readonly cred?: OpaqueAuth
  /** A name's addresses; the system's resolver when left out. */
  readonly resolve?: Resolve
}

/** The client's address as text in any spelling, or as 4 or 16 octets in network order. */
export type UserIp = string | Uint8Array

/**
 * Holds a connection (over UDP: the port it looked up) to each server, makes it again when it is lost, and asks the
 * portmapper again after a failure. An idle client does not keep the process alive.
 */
export class DracClient {
  readonly #links: readonly HostLink[]
  readonly #timeout: number
  readonly #underWay = new Map<Deadline, Promise<unknown>>()
  #closed = false

  /** Throws `config` DRAC_HOST, DRAC_PORT or DRAC_TIMEOUT. */
  constructor(options: DracClientOptions) {
    const { transport = 'udp', portmapperPort = PMAP_PORT, cred = AUTH_NONE, resolve = systemResolve } = options
    const texts = typeof options.hosts === 'string' ? splitHosts(options.hosts) : options.hosts
    const port = options.port === undefined ? {} : { port: options.port }
    for (const number of [options.port ?? 1, portmapperPort]) {
      if (!Number.isInteger(number) || number < 1 || number > 65535) throw configError('DRAC_PORT', `port ${number}`)
    }
    this.#timeout = options.timeout ?? 2000
    if (!(this.#timeout > 0)) throw configError('DRAC_TIMEOUT', `a timeout of ${this.#timeout} ms`)
    this.#links = texts.map(
      (text) => new HostLink({ ...port, ...parseHostSpec(text) }, { transport, portmapperPort, cred, resolve }),
    )
  }

  /** Looks up the ports (over TCP: connects) for reports of program version `vers`, 1 or 2. Code 0, -1 or `off`. */
  async connect(vers: 1 | 2 = DRACVERS): Promise<ClientResult> {
    return bestResult(await Promise.all(this.#toEach((link, deadline) => link.connect(vers, deadline))))
  }

  /**
   * Tells every server that somebody has logged in from `userip`, all at the same time. Resolves with success as soon as
   * one accepted (the others go on being told), else when all have failed. Rejects only when `userip` is not an address
   * (`malformed` DRAC_ADDRESS).
   */
  async send(userip: UserIp): Promise<ClientResult> {
    const results = this.#reports(addressOf(userip))
    const accepted = results.map((result) => result.then((one) => (one.code === 0 ? one : Promise.reject(one))))
    const first = Promise.any(accepted).then((result) => bestResult([result]))
    return first.catch(async () => bestResult(await Promise.all(results)))
  }

  /** As send, but waits for all and gives each server's answer, in the order of `hosts`. */
  async sendAll(userip: UserIp): Promise<readonly HostResult[]> {
    return Promise.all(this.#reports(addressOf(userip)))
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay.values())
  }

  /** Releases everything; what is under way fails at once, and so does every later report (-1). */
  close(): void {
    this.#closed = true
    for (const deadline of this.#underWay.keys()) deadline.expire()
    for (const link of this.#links) link.close()
  }

  #reports(address: Address): Promise<HostResult>[] {
    return this.#toEach((link, deadline) => link.send(address, deadline))
  }

  #toEach(action: (link: HostLink, deadline: Deadline) => Promise<HostResult>): Promise<HostResult>[] {
    return this.#links.map((link) => {
      if (this.#closed) return Promise.resolve({ host: link.host, ...resultOf(NOT_CONNECTED) })
      const deadline = new Deadline(this.#timeout)
      const result = action(link, deadline).finally(() => {
        deadline.end()
        this.#underWay.delete(deadline)
      })
      this.#underWay.set(deadline, result)
      return result
    })
  }
}

/** Throws `malformed` DRAC_ADDRESS. An IPv4-mapped address is the IPv4 address. */
export const addressOf = (userip: UserIp): Address =>
  typeof userip === 'string' ? parseAddress(userip) : addressFromOctets(userip)
