// How clients find the DRAC front end: through this host's rpcbind, through a portmapper of our own, or not at all.
import { type Address, parseAddress } from '../../lib/address.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import { PMAP_PORT } from '../../protocols/portmap/v2.ts'
import { registrations } from './announce.ts'
import { type Builtin, openBuiltin } from './builtin.ts'
import { forwardsCalls } from './probe.ts'
import { answers, type RpcbindAt, register, standing, unregister } from './register.ts'

export type PortmapperMode = 'auto' | 'rpcbind' | 'builtin' | 'off'

export interface PortmapperOptions {
  /** Whose TCP connections the built-in portmapper serves; others have one call each. */
  readonly trusts: (source: Address) => boolean
  /** See DracRpc.setForwarded. Called before each registration with undefined, and with what the probe after it found. */
  readonly setForwarded: (forwards: boolean | undefined) => void
  /** Called when mode, reason or forwards is another than before. */
  readonly changed?: (state: PortmapperState) => void
  readonly rpcbindSocket?: string
  /** Of the built-in portmapper, and of the one that is probed. */
  readonly port?: number
  /** Between two looks at rpcbind. */
  readonly intervalMs?: number
  readonly timeoutMs?: number
  readonly probeMs?: number
}

export interface PortmapperState {
  /** What is in use. `rpcbind` also while a registration is tried again and again because rpcbind is away. */
  readonly mode: Exclude<PortmapperMode, 'auto'>
  /** For people: what was done, or why not. */
  readonly reason: string
  /** Whether every client finds us that asks. */
  readonly registered: boolean
  /** The portmapper makes calls for strangers: this host's own addresses prove nothing over UDP. */
  readonly forwards: boolean
}

export interface Portmapper {
  readonly state: PortmapperState
  /** Of the built-in portmapper; empty otherwise. */
  readonly endpoints: readonly Endpoint[]
  /** Withdraws the registration. Never rejects. */
  close(): Promise<void>
}

/**
 * `auto`: rpcbind when it answers, else our own when its port can be opened, else off, looking for rpcbind from time to time.
 * Resolves when it is known whether calls are forwarded. Rejects only for `builtin`, with `config` DRAC_LISTEN.
 * @param endpoints of the DRAC front end, as bound
 */
export async function openPortmapper(
  mode: PortmapperMode,
  endpoints: readonly Endpoint[],
  options: PortmapperOptions,
): Promise<Portmapper> {
  const keeper = new Keeper(endpoints, options)
  await keeper.open(mode)
  return keeper
}

class Keeper implements Portmapper {
  readonly #served: readonly Endpoint[]
  readonly #options: PortmapperOptions
  readonly #rpcbind: RpcbindAt
  #state: PortmapperState = { mode: 'off', reason: 'switched off', registered: false, forwards: false }
  #builtin: Builtin | undefined
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #closed = false
  /** The last registration came about, or none was tried yet: reports need not wait each time that one fails. */
  #hopeful = true

  constructor(endpoints: readonly Endpoint[], options: PortmapperOptions) {
    this.#served = endpoints
    this.#options = options
    this.#rpcbind = { path: options.rpcbindSocket ?? '/run/rpcbind.sock', timeoutMs: options.timeoutMs ?? 2_000 }
  }

  get state(): PortmapperState {
    return this.#state
  }

  get endpoints(): readonly Endpoint[] {
    return this.#builtin?.endpoints ?? []
  }

  async open(mode: PortmapperMode): Promise<void> {
    if (mode === 'off') return
    if (registrations(this.#served).length === 0) {
      this.#become({ ...this.#state, reason: 'DRAC listens on no address that a portmapper could name' })
      return
    }
    if (mode === 'builtin') await this.#openBuiltin()
    if (mode === 'rpcbind') await this.#register()
    if (mode === 'auto') await this.#openAny()
    if (mode === 'rpcbind' || (mode === 'auto' && !this.#builtin)) this.#watch()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#work
    if (this.#state.mode === 'rpcbind') await unregister(this.#rpcbind, registrations(this.#served))
    await this.#builtin?.close()
  }

  async #openAny(): Promise<void> {
    const noRpcbind = await answers(this.#rpcbind)
    if (noRpcbind === undefined) return this.#register()
    try {
      await this.#openBuiltin()
    } catch (error) {
      const reason = `no portmapper: ${noRpcbind}; ${messageOf(error)}`
      this.#become({ mode: 'off', reason, registered: false, forwards: false })
    }
  }

  async #openBuiltin(): Promise<void> {
    const { port = PMAP_PORT, trusts } = this.#options
    this.#builtin = await openBuiltin(this.#served, port, trusts)
    this.#become({ mode: 'builtin', reason: 'our own portmapper answers', registered: true, forwards: false })
  }

  /** Reports over UDP wait from the registration until it is known who may have sent them. */
  async #register(): Promise<void> {
    const { setForwarded } = this.#options
    if (this.#hopeful) setForwarded(undefined)
    const failure = await register(this.#rpcbind, registrations(this.#served))
    this.#hopeful = failure === undefined
    if (this.#hopeful) setForwarded(undefined)
    await this.#probed(failure)
  }

  async #probed(failure: string | undefined): Promise<void> {
    const { port = PMAP_PORT, probeMs = 500, setForwarded } = this.#options
    const found = await Promise.all(PROBED.map((address) => forwardsCalls(address, port, probeMs)))
    const forwards = found.includes(true)
    setForwarded(forwards)
    const warning = forwards ? '; it forwards calls for strangers: UDP reports from this host are refused' : ''
    const reason = (failure ?? `registered with rpcbind at ${this.#rpcbind.path}`) + warning
    this.#become({ mode: 'rpcbind', reason, registered: failure === undefined, forwards })
  }

  #watch(): void {
    const { intervalMs = 60_000 } = this.#options
    let busy = false
    this.#timer = setInterval(() => {
      if (busy) return
      busy = true
      this.#work = this.#look().finally(() => {
        busy = false
      })
    }, intervalMs).unref()
  }

  async #look(): Promise<void> {
    if (this.#state.mode === 'off') {
      if ((await answers(this.#rpcbind)) === undefined && !this.#closed) await this.#register()
      return
    }
    try {
      const found = await standing(this.#rpcbind, registrations(this.#served))
      if (found === 'missing' && !this.#closed) await this.#register()
      else await this.#probed(found === 'ours' ? undefined : this.#replaced())
    } catch (error) {
      const reason = `rpcbind at ${this.#rpcbind.path}: ${messageOf(error)}`
      this.#become({ ...this.#state, registered: false, reason })
    }
  }

  /** Two daemons that took it from each other every minute would help nobody. */
  #replaced(): string {
    const { registered, reason } = this.#state
    return registered ? 'another daemon has registered DRAC with rpcbind since: stop one of the two' : reason
  }

  #become(state: PortmapperState): void {
    const { mode, reason, registered, forwards } = this.#state
    this.#state = state
    const same = state.mode === mode && state.reason === reason
    if (!same || state.registered !== registered || state.forwards !== forwards) this.#options.changed?.(state)
  }
}

/** rpcbind is always there as well when it is bound to other addresses (rpcbind(8), -h). */
const PROBED = [parseAddress('127.0.0.1'), parseAddress('::1')]
