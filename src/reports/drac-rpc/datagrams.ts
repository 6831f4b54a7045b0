// DRAC over UDP.
import type { AddResult } from '../../core/login-event.ts'
import { type Address, addressOfPeer } from '../../lib/address.ts'
import type { Clock } from '../../lib/clock.ts'
import type { UdpListener, UdpPeer } from '../../net/udp.ts'
import {
  AddCall,
  answerAdd,
  answerAdded,
  answerCall,
  answerFailure,
  answerOverload,
  answerStranger,
  type Reports,
} from './answer.ts'
import { Duplicates, type Heard } from './duplicates.ts'
import { report } from './report.ts'

/** Adds waiting for the store; beyond it the answer is ADD_SYSERR at once. */
const MAX_IN_FLIGHT = 32_768
/** Adds kept until it is known whether the portmapper forwards; what is dropped is sent again by its client. */
const MAX_WAITING = 1_024
/** A repeated call is answered from memory for this long at most, seconds. */
const MAX_REPEAT = 30

/** Answers datagrams of all UDP listeners of this front end. */
export class Datagrams {
  inFlight = 0
  #forwarded: boolean | undefined = false
  /** Adds that came while it was not known whether the portmapper forwards. */
  #waiting: (() => void)[] = []
  readonly #reports: Reports
  readonly #clock: Clock
  readonly #duplicates: Duplicates
  #lastText = ''
  #lastAddress: Address | undefined

  /** @param lifetime seconds that one login permits relaying; a repeated call is answered from memory for half of it at most */
  constructor(reports: Reports, clock: Clock, lifetime: () => number) {
    this.#reports = reports
    this.#clock = clock
    this.#duplicates = new Duplicates(() => Math.min(MAX_REPEAT, lifetime() / 2) * 1000)
  }

  /** After anything that could make a remembered ADD_SUCCESS untrue. */
  forget(): void {
    this.#duplicates.clear()
  }

  /** See DracRpc.setForwarded. */
  setForwarded(forwarded: boolean | undefined): void {
    if (forwarded !== this.#forwarded) this.forget()
    this.#forwarded = forwarded
    if (forwarded === undefined) return
    for (const receive of this.#waiting.splice(0)) receive()
  }

  receive(bytes: Buffer, peer: UdpPeer, listener: UdpListener): void {
    const reporter = this.#addressOf(peer.address)
    if (this.#reports.trusts(reporter)) this.#trusted(bytes, peer, reporter, listener)
    else {
      const call = answerStranger(bytes)
      if (call !== undefined) void this.#add(call, reporter, peer, listener, undefined)
    }
  }

  #trusted(bytes: Buffer, peer: UdpPeer, reporter: Address, listener: UdpListener): void {
    const now = performance.now()
    if (this.#again(bytes, peer, listener, now)) return
    const answer = answerCall(bytes)
    if (answer instanceof AddCall) {
      if (this.#forwarded === undefined) this.#wait(() => this.receive(bytes, peer, listener))
      else if (this.inFlight >= MAX_IN_FLIGHT) listener.send(answerOverload(answer.xid), peer)
      else void this.#add(answer, reporter, peer, listener, this.#duplicates.begin(bytes, peer, now))
    } else if (answer !== undefined) listener.send(answer, peer)
  }

  #wait(receive: () => void): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(receive)
  }

  /** True when the call came before and has its answer, now or soon. */
  #again(bytes: Buffer, peer: UdpPeer, listener: UdpListener, now: number): boolean {
    const heard = this.#duplicates.find(bytes, peer, now)
    if (heard === undefined) return false
    if (heard.expiresAt === undefined) heard.copies++
    else if (heard.expiresAt < this.#clock()) return false
    else listener.send(answerAdded(bytes.readUInt32BE(0)), peer)
    return true
  }

  async #add(
    { xid, client }: AddCall,
    reporter: Address,
    peer: UdpPeer,
    listener: UdpListener,
    heard: Heard | undefined,
  ): Promise<void> {
    this.inFlight++
    let reply: Buffer
    try {
      const result = await report(this.#reports, client, reporter, this.#forwarded === true)
      if (heard !== undefined) this.#remember(heard, result, peer)
      reply = answerAdd(xid, result)
    } catch (error) {
      if (heard !== undefined) this.#duplicates.drop(heard, peer)
      reply = answerFailure(xid, error)
    }
    this.inFlight--
    for (let copies = heard?.copies ?? 1; copies > 0; copies--) listener.send(reply, peer)
  }

  /** Only what is stored is worth remembering: every other answer costs no write. */
  #remember(heard: Heard, result: AddResult, peer: UdpPeer): void {
    if (result.status === 'added' || result.status === 'renewed') heard.expiresAt = result.authorization.expiresAt
    else this.#duplicates.drop(heard, peer)
  }

  /** One sender sends many: its text is read once. */
  #addressOf(text: string): Address {
    if (text !== this.#lastText) {
      this.#lastAddress = addressOfPeer(text)
      this.#lastText = text
    }
    return this.#lastAddress!
  }
}
