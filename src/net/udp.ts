// UDP: datagrams in, answers out of the same socket.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isV6 } from '../lib/address.ts'
import { cannotListen } from './bind-error.ts'
import { formatEndpoint, type InetEndpoint } from './endpoint.ts'
import { netTrouble } from './trouble.ts'

/** Asked of the kernel, which gives what net.core.rmem_max allows: room for the datagrams that arrive during one commit. */
const RECEIVE_BUFFER_BYTES = 4 << 20

/** Where a datagram came from and its answer goes; an IPv6 link-local address keeps its scope (`fe80::1%eth0`). */
export type UdpPeer = Pick<RemoteInfo, 'address' | 'port'>

/** Called for each datagram; must not throw. `bytes` are the callee's to keep. */
export type DatagramHandler = (bytes: Buffer, peer: UdpPeer, listener: UdpListener) => void

export interface UdpListener {
  /** As bound: the port is the real one. */
  readonly endpoint: InetEndpoint
  /** Best effort, as UDP is: what the kernel does not take is lost. */
  send(bytes: Uint8Array, peer: UdpPeer): void
  /** Datagrams that arrive from now on are dropped; `send` still works, for answers that are owed. */
  deafen(): void
  close(): Promise<void>
}

/** Opens one socket. Rejects with `config` DRAC_LISTEN. */
export async function openUdp(endpoint: InetEndpoint, handler: DatagramHandler): Promise<UdpListener> {
  const v6 = isV6(endpoint.address)
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6, lookup: numeric })
  try {
    await bound(socket, endpoint)
  } catch (error) {
    socket.close()
    throw cannotListen(endpoint, error)
  }
  raiseReceiveBuffer(socket)
  const listener = new Listener(socket, { ...endpoint, port: socket.address().port })
  socket.on('message', (bytes, peer) => listener.receive(bytes, peer, handler))
  return listener
}

class Listener implements UdpListener {
  readonly endpoint: InetEndpoint
  readonly #socket: Socket
  #deaf = false
  #closed = false

  constructor(socket: Socket, endpoint: InetEndpoint) {
    this.#socket = socket
    this.endpoint = endpoint
    socket.on('error', (error: NodeJS.ErrnoException) => {
      netTrouble.publish({ event: 'error', endpoint: formatEndpoint(endpoint), reason: error.code ?? error.message })
    })
  }

  receive(bytes: Buffer, peer: RemoteInfo, handler: DatagramHandler): void {
    if (!this.#deaf) handler(bytes, peer, this)
  }

  send(bytes: Uint8Array, peer: UdpPeer): void {
    // Port 0 is nobody's; sending there would throw.
    if (!this.#closed && peer.port !== 0) this.#socket.send(bytes, peer.port, peer.address)
  }

  deafen(): void {
    this.#deaf = true
  }

  async close(): Promise<void> {
    this.#deaf = true
    if (this.#closed) return
    this.#closed = true
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }
}

/** Node's own look-up puts off every send to the next tick, although a datagram's source is always numeric. */
function numeric(
  address: string,
  family: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  callback(null, address, family === 6 ? 6 : 4)
}

function bound(socket: Socket, { address, port, fd }: InetEndpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(fd === undefined ? { address, port, exclusive: true } : { fd }, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

function raiseReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  } catch {
    // The default serves too, with less room for bursts.
  }
}
