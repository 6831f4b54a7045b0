// TCP and unix listeners: who may connect is decided before a byte is read, and every connection has its limits.
import { chmodSync, chownSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { addressOfPeer, isV6 } from '../lib/address.ts'
import { configError } from '../lib/errors.ts'
import { Admissions, type Admitted, type Refusal, type StreamPeer } from './admission.ts'
import { cannotListen } from './bind-error.ts'
import { Connection, type Conversation } from './connection.ts'
import { type Endpoint, formatEndpoint, type InetEndpoint } from './endpoint.ts'
import type { StreamLimits } from './limits.ts'
import { type NetTrouble, netTrouble } from './trouble.ts'
import { clearUnixPath } from './unix-path.ts'

/** What a listener asks of a front end. Nothing here is called for a connection that a limit refused. */
export interface StreamService {
  /** `one-record`: a stranger, who gets `strangerMs` for one message. Left out: everybody is served. */
  admit?(peer: StreamPeer): Admitted
  /** Counted together with other listeners of the same front end. Left out: this listener alone. */
  readonly admissions?: Admissions
  /** Called once for a connection that was let in. */
  converse(connection: Connection): Conversation
}

export interface UnixOptions {
  /** Mode of the socket's file; 0o660 when left out. */
  readonly mode?: number
  /** Group of the socket's file. */
  readonly gid?: number
}

export interface StreamListener {
  /** As bound: the port is the real one. */
  readonly endpoint: Endpoint
  readonly connections: number
  /**
   * Stops accepting, ends connections that owe nothing, lets calls in flight be answered for up to `drainMs`
   * (2000 when left out), then cuts what is left. A unix socket's file is removed first.
   */
  close(drainMs?: number): Promise<void>
}

/** Pending connections that the kernel keeps for us; it takes no more than net.core.somaxconn. */
const BACKLOG = 4096
/** How often deadlines are looked at. A deadline is never early and at most this late. */
const TICK_MS = 250

/** Opens one listener. Rejects with `config` DRAC_LISTEN. */
export async function openStream(
  endpoint: Endpoint,
  limits: StreamLimits,
  service: StreamService,
  unix: UnixOptions = {},
): Promise<StreamListener> {
  if (endpoint.transport === 'udp') throw configError('DRAC_LISTEN', `${formatEndpoint(endpoint)} is not a stream`)
  const server = createServer({
    pauseOnConnect: true,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: endpoint.transport === 'tcp',
    keepAliveInitialDelay: 60_000,
    highWaterMark: limits.unsentBytes,
  })
  if (endpoint.transport === 'unix' && endpoint.fd === undefined) await clearUnixPath(endpoint.path)
  await listening(server, endpoint, unix)
  return new Listener(server, boundAs(server, endpoint), limits, service)
}

class Listener implements StreamListener {
  readonly endpoint: Endpoint
  readonly #server: Server
  readonly #limits: StreamLimits
  readonly #service: StreamService
  readonly #admissions: Admissions
  readonly #connections = new Set<Connection>()
  #ticker: NodeJS.Timeout | undefined
  #closing = false

  constructor(server: Server, endpoint: Endpoint, limits: StreamLimits, service: StreamService) {
    this.endpoint = endpoint
    this.#server = server
    this.#limits = limits
    this.#service = service
    this.#admissions = service.admissions ?? new Admissions(limits)
    server.on('connection', (socket) => this.#accept(socket))
    // Out of descriptors, mostly: the peer tries again, and so does the next accept.
    server.on('error', (error: NodeJS.ErrnoException) => this.#trouble('error', error.code ?? error.message))
  }

  get connections(): number {
    return this.#connections.size
  }

  async close(drainMs = 2_000): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const connection of this.#connections) connection.drain()
    const patience = setTimeout(() => {
      for (const connection of this.#connections) connection.cut()
    }, drainMs)
    await closed
    clearTimeout(patience)
    clearInterval(this.#ticker)
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {}) // a reset: 'close' follows
    const peer = this.#peerOf(socket)
    if (peer === undefined || this.#closing) {
      socket.destroy()
      return
    }
    const admitted = this.#service.admit?.(peer) ?? 'serve'
    let refused = this.#admissions.enter(peer, admitted)
    if (refused !== undefined && this.#makeRoom(refused, peer)) refused = this.#admissions.enter(peer, admitted)
    if (refused === undefined) this.#serve(socket, peer, admitted)
    else {
      socket.destroy()
      this.#trouble('refused', refused, peer)
    }
  }

  /**
   * Connections that lie idle do not keep out one that has something to ask: the one that has rested longest goes, of the
   * same source, or when there are too many in all, of the source that has most.
   */
  #makeRoom(refused: Refusal, peer: StreamPeer): boolean {
    if (refused !== 'source-limit' && refused !== 'total-limit') return false
    const from = refused === 'source-limit' ? peer : this.#admissions.greedierThan(peer)
    let victim: Connection | undefined
    for (const connection of this.#connections) {
      if (connection.peer !== from || connection.admitted !== 'serve') continue
      if (connection.restsSince < (victim?.restsSince ?? Number.POSITIVE_INFINITY)) victim = connection
    }
    victim?.cut('displaced')
    if (victim !== undefined) this.#gone(victim)
    return victim !== undefined
  }

  #serve(socket: Socket, peer: StreamPeer, admitted: Admitted): void {
    const connection = new Connection(socket, peer, admitted, this.#limits, performance.now() + TICK_MS)
    this.#connections.add(connection)
    socket.once('close', () => this.#gone(connection))
    this.#startTicking()
    connection.start(this.#service.converse(connection))
  }

  #gone(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    this.#admissions.leave(connection.peer, connection.admitted)
    if (connection.cutFor !== undefined) this.#trouble('cut', connection.cutFor, connection.peer)
  }

  /** Undefined when the peer has gone again before we looked. */
  #peerOf(socket: Socket): StreamPeer | undefined {
    if (this.endpoint.transport === 'unix') return 'local'
    return socket.remoteAddress === undefined ? undefined : addressOfPeer(socket.remoteAddress)
  }

  /** One timer for all connections, none while there are none: arming one for each message would cost more than the message. */
  #startTicking(): void {
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS).unref()
  }

  #tick(): void {
    const now = performance.now()
    for (const connection of this.#connections) connection.tick(now, TICK_MS)
    if (this.#connections.size > 0) return
    clearInterval(this.#ticker)
    this.#ticker = undefined
  }

  #trouble(event: NetTrouble['event'], reason: string, peer?: StreamPeer): void {
    if (!netTrouble.hasSubscribers) return
    const endpoint = formatEndpoint(this.endpoint)
    netTrouble.publish({ event, endpoint, reason, ...(peer && { peer }) } satisfies NetTrouble)
  }
}

type StreamEndpoint = Extract<Endpoint, { transport: 'unix' }> | InetEndpoint

async function listening(server: Server, endpoint: StreamEndpoint, unix: UnixOptions): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ ...where(endpoint), backlog: BACKLOG }, () => {
        server.off('error', reject)
        resolve()
      })
      // The file exists as soon as listen() returns: nobody finds it with another mode.
      if (endpoint.transport === 'unix' && endpoint.fd === undefined && server.listening) restrict(endpoint.path, unix)
    })
  } catch (error) {
    server.close()
    throw cannotListen(endpoint, error)
  }
}

function where(endpoint: StreamEndpoint): object {
  if (endpoint.fd !== undefined) return { fd: endpoint.fd }
  if (endpoint.transport === 'unix') return { path: endpoint.path }
  // ipv6Only: an IPv4 listener may stand beside it on the same port.
  return { host: endpoint.address, port: endpoint.port, ipv6Only: isV6(endpoint.address), exclusive: true }
}

function restrict(path: string, { mode = 0o660, gid }: UnixOptions): void {
  if (gid !== undefined) chownSync(path, -1, gid)
  chmodSync(path, mode)
}

function boundAs(server: Server, endpoint: Endpoint): Endpoint {
  const bound = server.address()
  if (endpoint.transport === 'unix' || bound === null || typeof bound === 'string') return endpoint
  return { ...endpoint, port: bound.port }
}
