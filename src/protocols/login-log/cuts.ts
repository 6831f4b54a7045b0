// Messages that were cut in two on their way to syslog, so that the second part begins with a client's text.

/** Bytes. courierlogger passes on 511 at once, its `INFO: ` included (seen with Courier 5.0.13). No line of a login is as long. */
const SHORTEST_CUT = 500
/** Programs whose last message was cut. */
const MOST = 1000

/**
 * A user name of 486 characters and `LOGIN, user=x` in a failed login is cut so that its rest is the line of a login, with
 * the client's own address behind it. So what follows a message of that length from the same program tells of nothing, and
 * neither does such a message itself.
 */
export class Cuts {
  readonly #open = new Set<string>()

  /** Whether it may be the rest of another; to be asked of every message in its order. @param sender host and program */
  isPart(sender: string, message: string): boolean {
    const isRest = this.#open.size > 0 && this.#open.delete(sender)
    if (message.length * 3 < SHORTEST_CUT || Buffer.byteLength(message) < SHORTEST_CUT) return isRest
    this.#open.add(sender)
    if (this.#open.size > MOST) this.#open.delete(this.#open.values().next().value!)
    return true
  }
}
