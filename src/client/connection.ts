// What UDP and TCP have in common: calls under way, each waiting for the reply with its xid.
import { randomInt } from 'node:crypto'
import { tempfail } from '../lib/errors.ts'
import { decodeReply, type Reply } from '../protocols/oncrpc/message.ts'
import type { Deadline } from './deadline.ts'

/** Where a server listens. */
export interface Target {
  /** An IP address, with a scope id where the link needs one. */
  readonly address: string
  readonly port: number
}

export interface Connection {
  /** False once no further call can be made. */
  readonly open: boolean
  /**
   * Sends one call and waits for the reply with its xid. Throws `tempfail` when the deadline passes or the peer is gone.
   * @param message makes the call for the xid that it is given
   */
  call(message: (xid: number) => Buffer, deadline: Deadline): Promise<Reply>
  /** Takes no more calls, and closes when those under way have ended. */
  retire(): void
  /** Closes now; calls under way fail. */
  close(): void
}

/** The calls of one connection. Never keeps the process alive: the deadline of a call does that. */
export class PendingCalls {
  readonly #calls = new Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void }>()

  get size(): number {
    return this.#calls.size
  }

  /** An xid that nobody can guess, as a forged reply would have to. */
  newXid(): number {
    for (;;) {
      const xid = randomInt(0x1_0000_0000)
      if (!this.#calls.has(xid)) return xid
    }
  }

  async wait(xid: number, deadline: Deadline): Promise<Reply> {
    try {
      return await deadline.race(new Promise<Reply>((resolve, reject) => this.#calls.set(xid, { resolve, reject })))
    } finally {
      this.#calls.delete(xid)
    }
  }

  /** Hands a message to the call it answers; a reply to no call is dropped. Throws `malformed` for what is no reply. */
  settle(message: Uint8Array): void {
    // The results outlive the chunk that they came in.
    const reply = decodeReply(Uint8Array.from(message))
    this.#calls.get(reply.xid)?.resolve(reply)
  }

  failAll(cause: unknown): void {
    for (const { reject } of this.#calls.values()) {
      reject(tempfail('DRAC_CLIENT_GONE', 'the connection is gone', cause))
    }
  }
}
