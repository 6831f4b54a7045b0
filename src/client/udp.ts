// Calls over UDP: the datagram is sent again, with the same xid, until a reply comes.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { tempfail } from '../lib/errors.ts'
import type { Reply } from '../protocols/oncrpc/message.ts'
import { type Connection, PendingCalls, type Target } from './connection.ts'
import type { Deadline } from './deadline.ts'

/** The first repetition, in milliseconds after the call; each one waits twice as long as the one before it. */
const FIRST_RETRANSMISSION = 250

/** The socket is connected, so that the system drops what another address or port sends, and tells us of a closed port. */
export async function openUdp({ address, port }: Target, deadline: Deadline): Promise<Connection> {
  const socket = createSocket(isIPv6(address.replace(/%.*/, '')) ? 'udp6' : 'udp4')
  socket.unref()
  try {
    socket.connect(port, address)
    await deadline.race(once(socket, 'connect'))
  } catch (error) {
    socket.close()
    throw error
  }
  return new UdpConnection(socket)
}

class UdpConnection implements Connection {
  readonly #socket: Socket
  readonly #pending = new PendingCalls()
  #open = true
  #closed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (message) => {
      try {
        this.#pending.settle(message)
      } catch {
        // Not a reply: noise, which the next retransmission may outlive.
      }
    })
    // ECONNREFUSED, mostly: nobody listens on that port.
    socket.on('error', (error) => this.#gone(error))
  }

  get open(): boolean {
    return this.#open
  }

  async call(message: (xid: number) => Buffer, deadline: Deadline): Promise<Reply> {
    if (!this.#open) throw tempfail('DRAC_CLIENT_GONE', 'the connection is gone')
    const xid = this.#pending.newXid()
    const repeat = this.#transmit(message(xid))
    try {
      return await this.#pending.wait(xid, deadline)
    } finally {
      repeat.stop()
      if (!this.#open && this.#pending.size === 0) this.close()
    }
  }

  retire(): void {
    this.#open = false
    if (this.#pending.size === 0) this.close()
  }

  close(): void {
    this.#gone(undefined)
    if (this.#closed) return
    this.#closed = true
    this.#socket.close()
  }

  #gone(cause: unknown): void {
    this.#open = false
    this.#pending.failAll(cause)
  }

  #transmit(datagram: Buffer): { stop(): void } {
    let delay = FIRST_RETRANSMISSION
    let timer: NodeJS.Timeout | undefined
    const send = (): void => {
      if (this.#closed) return
      this.#socket.send(datagram, (error) => {
        if (error) this.#gone(error)
      })
      timer = setTimeout(send, delay)
      delay *= 2
    }
    send()
    return { stop: () => clearTimeout(timer) }
  }
}
