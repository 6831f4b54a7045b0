// Calls to rpcbind over its unix stream socket, where it knows the caller's uid from the system: nothing to prove, no port to own.
import { connect, type Socket } from 'node:net'
import { tempfail } from '../../lib/errors.ts'
import { type CallParts, decodeReply, encodeCall, type Reply } from '../../protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../../protocols/oncrpc/record-marking.ts'
import type { XdrReader } from '../../protocols/oncrpc/xdr.ts'
import { RPCBVERS4 } from '../../protocols/portmap/rpcbind.ts'
import { PMAP_PROG } from '../../protocols/portmap/v2.ts'

/** A list of everything that is registered is one record. */
const LIMITS = { maxBytes: 1 << 20, maxFragments: 1_024 }

/** One connection, one call at a time. Everything rejects with `tempfail` once the time is over or the socket fails. */
export class RpcbindClient {
  readonly #socket: Socket
  readonly #reader = new RecordReader(LIMITS)
  #xid = 0
  #settle: { resolve(reply: Reply): void; reject(error: Error): void } | undefined
  #failure: Error | undefined

  /**
   * @param path rpcbind's socket
   * @param timeoutMs for everything that is done over this connection
   */
  constructor(path: string, timeoutMs: number) {
    this.#socket = connect(path)
    const timer = setTimeout(() => this.#fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    this.#socket.on('data', (chunk: Buffer) => this.#data(chunk))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => {
      clearTimeout(timer)
      this.#fail(new Error('rpcbind closed the connection'))
    })
  }

  /** A procedure of rpcbind version 4. Resolves with its results; rejects when it was not carried out. */
  async call(proc: number, args?: Uint8Array): Promise<XdrReader> {
    if (this.#failure) throw unavailable(this.#failure)
    const reply = await this.#exchange({
      xid: ++this.#xid,
      prog: PMAP_PROG,
      vers: RPCBVERS4,
      proc,
      ...(args && { args }),
    })
    if (reply.stat !== 'SUCCESS') throw unavailable(new Error(`rpcbind answers ${reply.stat}`))
    return reply.results
  }

  close(): void {
    this.#socket.destroy()
  }

  #exchange(call: CallParts): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.write(encodeRecord(encodeCall(call)))
    })
  }

  #data(chunk: Buffer): void {
    try {
      for (const record of this.#reader.push(chunk)) {
        // A copy: the record may be a view that its reader uses again.
        const reply = decodeReply(Uint8Array.from(record))
        if (reply.xid === this.#xid) this.#settle?.resolve(reply)
      }
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#settle?.reject(unavailable(error))
    this.#socket.destroy()
  }
}

const unavailable = (cause: Error): Error => tempfail('DRAC_RPCBIND', cause.message, cause)
