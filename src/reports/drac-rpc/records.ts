// DRAC over TCP, and over unix sockets: calls in records, RFC 5531 section 11.
import { malformed } from '../../lib/errors.ts'
import type { Connection, Conversation } from '../../net/connection.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { encodeRecord, RecordReader } from '../../protocols/oncrpc/record-marking.ts'
import { AddCall, answerAdd, answerCall, answerFailure, answerStranger, type Reports } from './answer.ts'
import { report } from './report.ts'

/** 4 KiB and 16 fragments a record are the RecordReader's own. */
export const DRAC_RPC_LIMITS: StreamLimits = {
  perSource: 64,
  total: 256,
  strangers: 16,
  strangerMs: 1_000,
  messageMs: 5_000,
  idleMs: 60_000,
  stallMs: 5_000,
  unsentBytes: 16 << 10,
  maxUnsentBytes: 64 << 10,
  inFlight: 128,
}

/** Calls of one connection. Answers may overtake one another, as xids allow. */
export class Records implements Conversation {
  readonly framer = new RecordReader()
  readonly #connection: Connection
  readonly #reports: Reports
  /** Answers of this turn of the event loop, sent together: adds that shared a commit are answered at once. */
  #answers: Buffer[] = []
  #held = 0
  /** One record is all that a stranger has. */
  #strangerAsked = false

  constructor(connection: Connection, reports: Reports) {
    this.#connection = connection
    this.#reports = reports
  }

  message(record: Uint8Array): void {
    const { peer, admitted } = this.#connection
    const trusted = admitted === 'serve' && (peer === 'local' || this.#reports.trusts(peer))
    if (this.#strangerAsked) return
    this.#strangerAsked = !trusted
    const answer = trusted ? answerCall(record) : answerStranger(record)
    if (answer instanceof AddCall) void this.#add(answer, trusted)
    else if (answer === undefined) throw malformed('DRAC_RPC_NO_CALL', 'a record that is no call to answer')
    else this.#send(answer)
  }

  flush(): void {
    if (this.#answers.length === 0) return
    const answers = this.#answers.length === 1 ? this.#answers[0]! : Buffer.concat(this.#answers)
    this.#answers = []
    this.#connection.send(answers)
    const held = this.#held
    this.#held = 0
    for (let i = 0; i < held; i++) this.#connection.release()
  }

  async #add({ xid, client }: AddCall, trusted: boolean): Promise<void> {
    this.#connection.hold()
    let reply: Buffer
    try {
      reply = answerAdd(xid, await report(this.#reports, client, this.#connection.peer, false))
    } catch (error) {
      reply = answerFailure(xid, error)
    }
    this.#held++
    this.#send(reply)
    if (!trusted) {
      this.flush()
      this.#connection.end()
    }
  }

  #send(reply: Buffer): void {
    if (this.#answers.push(encodeRecord(reply)) === 1) process.nextTick(() => this.flush())
  }
}
