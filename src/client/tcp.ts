// Calls over TCP with record marking: many at a time on one connection.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { tempfail } from '../lib/errors.ts'
import type { Reply } from '../protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../protocols/oncrpc/record-marking.ts'
import { type Connection, PendingCalls, type Target } from './connection.ts'
import type { Deadline } from './deadline.ts'

export async function openTcp({ address, port }: Target, deadline: Deadline): Promise<Connection> {
  const socket = connect({ host: address, port, noDelay: true })
  socket.unref()
  try {
    await deadline.race(once(socket, 'connect'))
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  }
  return new TcpConnection(socket)
}

class TcpConnection implements Connection {
  readonly #socket: Socket
  readonly #records = new RecordReader()
  readonly #pending = new PendingCalls()
  #open = true

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#gone(error))
    socket.on('close', () => this.#gone(undefined))
  }

  get open(): boolean {
    return this.#open
  }

  async call(message: (xid: number) => Buffer, deadline: Deadline): Promise<Reply> {
    if (!this.#open) throw tempfail('DRAC_CLIENT_GONE', 'the connection is gone')
    const xid = this.#pending.newXid()
    this.#socket.write(encodeRecord(message(xid)))
    try {
      return await this.#pending.wait(xid, deadline)
    } finally {
      if (!this.#open && this.#pending.size === 0) this.close()
    }
  }

  retire(): void {
    this.#open = false
    if (this.#pending.size === 0) this.close()
  }

  close(): void {
    this.#gone(undefined)
  }

  #receive(chunk: Buffer): void {
    try {
      for (const record of this.#records.push(chunk)) this.#pending.settle(record)
    } catch (error) {
      // Out of step for good: nothing after this can be trusted.
      this.#gone(error)
    }
  }

  #gone(cause: unknown): void {
    this.#open = false
    this.#pending.failAll(cause)
    this.#socket.destroy()
  }
}
