// One connection of a stream listener: messages in, answers out, and the deadlines in between.
import type { Socket } from 'node:net'
import type { Admitted, StreamPeer } from './admission.ts'
import { LINGER_MS, type StreamLimits } from './limits.ts'

/** Cuts a stream of bytes into messages; the protocols have them. */
export interface Framer {
  /** Feeds one chunk; each step yields one whole message, a view that is good until the next step. Throws `malformed`. */
  push(chunk: Uint8Array): Iterator<Uint8Array>
  /** True while a message has begun that has not ended. */
  readonly pending: boolean
}

/** What a front end makes of one connection. */
export interface Conversation {
  readonly framer: Framer
  /** One whole message. What it throws cuts the connection. */
  message(bytes: Uint8Array): void
  /** Called when no more messages are at hand: the moment to send answers that were gathered. */
  flush?(): void
}

/**
 * Messages taken from one connection before others have their turn: the system hands over up to 2 MB of one connection's
 * bytes at once, and a peer that sends calls without end would have the whole daemon for seconds.
 */
const TURN = 64

/** Puts connections that never asked anything before all others, in the order of their coming. Milliseconds. */
const NEVER_ASKED = 1e12

/** Why a connection was cut; undefined when its peer ended it or every answer was given. */
export type Cut = 'message-deadline' | 'idle' | 'unread-answers' | 'malformed' | 'one-record' | 'displaced'

export class Connection {
  readonly peer: StreamPeer
  readonly admitted: Admitted
  cutFor: Cut | undefined
  readonly #socket: Socket
  readonly #limits: StreamLimits
  #conversation!: Conversation
  /** Messages of the last chunk that were not taken yet, because too many calls are in flight or answers unsent. */
  #waiting: Iterator<Uint8Array> | undefined
  #inFlight = 0
  #stalled = false
  #taking = false
  #yielding = false
  #midMessage = false
  /** No more messages are taken: the peer sends none, or the listener closes. */
  #last = false
  #ended = false
  #restsSince: number
  /** On the listener's coarse clock, milliseconds; Infinity while we are the ones who owe. */
  #deadline = Number.POSITIVE_INFINITY
  #deadlineIs: Cut = 'idle'
  /** The listener's coarse clock as of its last tick, one tick ahead, so that no deadline is early. */
  #now: number

  constructor(socket: Socket, peer: StreamPeer, admitted: Admitted, limits: StreamLimits, now: number) {
    this.#socket = socket
    this.peer = peer
    this.admitted = admitted
    this.#limits = limits
    this.#now = now
    this.#restsSince = now - NEVER_ASKED
  }

  /**
   * Who has to go first when there is no room, the lowest number: those that never asked anything, then those that have
   * not asked for long. Infinity while a call of this connection is in flight.
   */
  get restsSince(): number {
    return this.#inFlight > 0 ? Number.POSITIVE_INFINITY : this.#restsSince
  }

  start(conversation: Conversation): void {
    this.#conversation = conversation
    if (this.admitted === 'one-record') this.#allow('one-record', this.#limits.strangerMs)
    else this.#allow('idle', this.#limits.idleMs)
    this.#socket.on('data', (chunk: Buffer) => this.#data(chunk))
    this.#socket.on('drain', () => this.#drained())
    this.#socket.on('end', () => this.#noMore())
    this.#socket.resume()
  }

  /** Sends an answer. A string is Latin-1. After the end it is dropped. */
  send(bytes: Uint8Array | string): void {
    if (this.#ended) return
    const taken = this.#socket.write(bytes, 'latin1')
    if (taken || this.#socket.writableLength === 0) return
    if (this.#socket.writableLength > this.#limits.maxUnsentBytes) this.cut('unread-answers')
    else if (!this.#stalled) this.#stall()
  }

  /** A call was taken whose answer comes later. Each needs its `release`, after the answer was sent. */
  hold(): void {
    this.#inFlight++
  }

  release(): void {
    this.#inFlight--
    if (this.#taking || this.#ended) return
    if (this.#waiting !== undefined) this.#goOn()
    else if (this.#inFlight === 0 && this.#last) this.end()
    else if (this.#inFlight === 0 && !this.#stalled && !this.#midMessage) this.#allow('idle', this.#limits.idleMs)
  }

  /** Answers that were sent still go out; nothing more is taken. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#waiting = undefined
    this.#allow('unread-answers', LINGER_MS)
    this.#socket.end()
    this.#socket.resume() // what still comes is thrown away, so that closing does not reset what we sent
  }

  /** The listener closes: ends at once, or as soon as every call in flight is answered. */
  drain(): void {
    this.#waiting = undefined
    this.#noMore()
  }

  cut(reason?: Cut): void {
    this.cutFor ??= reason
    this.#ended = true
    this.#waiting = undefined
    this.#socket.destroy()
  }

  /** @param now monotonic milliseconds */
  tick(now: number, tickMs: number): void {
    this.#now = now + tickMs
    if (now < this.#deadline) return
    // A peer that was answered and does not hang up is nothing to report.
    this.cut(this.#ended && this.#socket.writableLength === 0 ? undefined : this.#deadlineIs)
  }

  #data(chunk: Buffer): void {
    if (this.#ended || this.#last) return
    this.#waiting = this.#conversation.framer.push(chunk)
    this.#goOn()
  }

  #goOn(): void {
    if (this.#yielding) return
    let taken = 0
    try {
      taken = this.#take()
    } catch {
      this.#notUnderstood()
    }
    if (this.#ended || this.#stalled) return
    if (taken === TURN) this.#yield(taken)
    else if (this.#waiting === undefined) this.#chunkDone(taken)
    else this.#rest()
  }

  /** Takes messages until there are none, its turn is over, or too much is owed to this peer. Returns how many. */
  #take(): number {
    let taken = 0
    this.#taking = true
    while (taken < TURN && !this.#ended && !this.#stalled && this.#inFlight < this.#limits.inFlight) {
      const step = this.#waiting!.next()
      if (step.done) {
        this.#waiting = undefined
        break
      }
      taken++
      this.#conversation.message(step.value)
    }
    this.#taking = false
    if (taken > 0) this.#restsSince = this.#now
    this.#conversation.flush?.()
    return taken
  }

  #yield(taken: number): void {
    this.#yielding = true
    this.#rest()
    setImmediate(() => {
      this.#yielding = false
      if (this.#ended || this.#stalled) return
      if (this.#waiting !== undefined) this.#goOn()
      else this.#chunkDone(taken)
    })
  }

  /** Reads no further; the peer is not to blame. */
  #rest(): void {
    this.#socket.pause()
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** Nothing that follows can be understood. What was asked before is still answered. */
  #notUnderstood(): void {
    this.#taking = false
    this.#waiting = undefined
    this.#conversation.flush?.()
    this.cutFor = 'malformed'
    this.#noMore()
  }

  #chunkDone(taken: number): void {
    if (this.#last) this.#noMore()
    else this.#readOn(taken)
  }

  #readOn(taken: number): void {
    if (this.#socket.isPaused()) this.#socket.resume()
    const begun = this.#conversation.framer.pending
    if (!begun && this.#inFlight === 0) this.#allow('idle', this.#limits.idleMs)
    else if (!begun) this.#deadline = Number.POSITIVE_INFINITY
    else if (taken > 0 || !this.#midMessage) this.#allow('message-deadline', this.#limits.messageMs)
    this.#midMessage = begun
  }

  /** The peer does not read its answers: neither do we read its calls. */
  #stall(): void {
    this.#stalled = true
    this.#socket.pause()
    this.#allow('unread-answers', this.#limits.stallMs)
  }

  #drained(): void {
    if (!this.#stalled) return
    this.#stalled = false
    this.#midMessage = false // the time we did not read does not count against a message that has begun
    if (this.#ended) return
    if (this.#waiting !== undefined) this.#goOn()
    else this.#chunkDone(0)
  }

  /** No further messages are taken; ends as soon as nothing is owed. */
  #noMore(): void {
    this.#last = true
    if (this.#waiting !== undefined) return
    if (this.#inFlight === 0) this.end()
    else this.#deadline = Number.POSITIVE_INFINITY
  }

  /** A stranger has one deadline for everything, set at the start. */
  #allow(is: Cut, ms: number): void {
    if (this.admitted === 'one-record' && this.#deadline !== Number.POSITIVE_INFINITY) return
    this.#deadlineIs = is
    this.#deadline = this.#now + ms
  }
}
