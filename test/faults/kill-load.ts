// A POP server's side of the kill test: DRAC adds over UDP with so many outstanding, and what was acknowledged.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Address, addressFromUint32, parseAddress } from '../../src/lib/address.ts'
import { AddStat, DRACPROC_ADD, DRACPROG, decodeAddResult, encodeAdd } from '../../src/protocols/drac/add.ts'
import { decodeReply, encodeCall } from '../../src/protocols/oncrpc/message.ts'

const LOOPBACK = '127.0.0.1'

/** The nth client: every fourth has IPv6. Public addresses, no two alike below 2^27. */
export function client(n: number): Address {
  if (n % 4 === 3) return parseAddress(`2a00:1450:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::25`)
  return addressFromUint32((0x20000000 | (Math.imul(n, 0x9e3779b1) & 0x07ffffff)) >>> 0)
}

interface Sent {
  readonly address: Address
  /** Seconds since the epoch. */
  readonly at: number
}

/** One life of the daemon. Every add that it answers is replaced by the next, so that `window` stay outstanding. */
export class KillLoad {
  /** Address -> the second in which its latest acknowledged add was sent. */
  readonly acknowledged = new Map<Address, number>()
  /** What was answered with anything but ADD_SUCCESS. */
  readonly wrong: string[] = []
  readonly #socket: Socket
  readonly #port: number
  readonly #next: () => Address
  readonly #outstanding = new Map<number, Sent>()
  #xid = Math.floor(Math.random() * 2 ** 31)
  #sending = true
  #heard = (): void => {}

  constructor(socket: Socket, port: number, next: () => Address) {
    this.#socket = socket
    this.#port = port
    this.#next = next
    socket.on('message', (bytes) => this.#reply(bytes))
    socket.on('error', () => {}) // a dead daemon's port answers with ICMP
  }

  static async open(port: number, next: () => Address): Promise<KillLoad> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    socket.bind(0, LOOPBACK)
    await once(socket, 'listening')
    return new KillLoad(socket, port, next)
  }

  get outstanding(): number {
    return this.#outstanding.size
  }

  /** Starts with `window` adds and resolves when `count` were acknowledged; the load goes on. Rejects after 30 s. */
  async until(count: number, window: number): Promise<void> {
    const reached = Promise.withResolvers<void>()
    const tooLong = setTimeout(
      () => reached.reject(new Error(`${this.acknowledged.size} adds acknowledged in 30 s`)),
      30_000,
    )
    this.#heard = () => {
      if (this.acknowledged.size >= count) reached.resolve()
    }
    for (let sent = 0; sent < window; sent++) this.#send()
    await reached.promise.finally(() => clearTimeout(tooLong))
  }

  /** Sends no more, reads what a daemon that is dead by now had answered, and closes. */
  async drain(): Promise<void> {
    this.#sending = false
    const last = Buffer.from('last')
    const read = new Promise<void>((resolve) => {
      this.#socket.on('message', (bytes) => {
        if (bytes.equals(last)) resolve()
      })
    })
    // Queued behind all that the daemon has sent; again and again, should the queue be full.
    const send = (): void => this.#socket.send(last, this.#socket.address().port, LOOPBACK)
    send()
    const again = setInterval(send, 100)
    await read.finally(() => clearInterval(again))
    this.#socket.close()
  }

  #send(): void {
    const xid = this.#xid++ >>> 0
    const address = this.#next()
    this.#outstanding.set(xid, { address, at: Math.floor(Date.now() / 1000) })
    const call = encodeCall({ xid, prog: DRACPROG, proc: DRACPROC_ADD, ...encodeAdd(address) })
    this.#socket.send(call, this.#port, LOOPBACK)
  }

  #reply(bytes: Buffer): void {
    if (bytes.length < 8) return
    const reply = decodeReply(bytes)
    const sent = this.#outstanding.get(reply.xid)
    if (sent === undefined) return
    this.#outstanding.delete(reply.xid)
    const success = reply.stat === 'SUCCESS' && decodeAddResult(reply.results) === AddStat.ADD_SUCCESS
    if (success) this.acknowledged.set(sent.address, sent.at)
    else this.wrong.push(`${sent.address}: ${bytes.toString('hex')}`)
    if (this.#sending) this.#send()
    this.#heard()
  }
}
