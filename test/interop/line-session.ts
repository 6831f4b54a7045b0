// A connection whose server speaks in lines, for the protocols of mail clients.
import { once } from 'node:events'
import type { Socket } from 'node:net'

/** A line later than this is a failure. */
const PATIENCE_MS = 60_000

export class LineSession {
  readonly #socket: Socket
  #received = ''
  #closed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      socket.emit('progress')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#closed = true
      socket.emit('progress')
    })
  }

  get closed(): boolean {
    return this.#closed
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`)
  }

  /** The next line without its end; undefined when the server has closed the connection. */
  async line(): Promise<string | undefined> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const end = this.#received.indexOf('\n')
      if (end >= 0) {
        const line = this.#received.slice(0, end).replace(/\r$/, '')
        this.#received = this.#received.slice(end + 1)
        return line
      }
      if (this.#closed) return undefined
      await once(this.#socket, 'progress', { signal })
    }
  }

  /** Lines up to the first that matches, that one included; what came before the connection closed without it. */
  async linesTo(last: RegExp): Promise<string[]> {
    const lines: string[] = []
    for (let line = await this.line(); line !== undefined; line = await this.line()) {
      lines.push(line)
      if (last.test(line)) break
    }
    return lines
  }

  /** Until the server has closed its end. */
  async ended(): Promise<void> {
    if (!this.#closed) await once(this.#socket, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) })
  }

  /** Without a word, as a client that is switched off. */
  abort(): void {
    this.#socket.destroy()
  }
}
