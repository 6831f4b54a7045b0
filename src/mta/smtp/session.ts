// An SMTP client (RFC 5321) that asks whether a recipient would be accepted, and never sends DATA.
import { connect, type Socket } from 'node:net'
import { tempfail } from '../../lib/errors.ts'

export interface SmtpReply {
  /** RFC 5321 section 4.2. */
  readonly code: number
  /** Its last line, printable. */
  readonly text: string
}

export interface SmtpServer {
  /** An IP address or a name. */
  readonly host: string
  readonly port: number
}

/** A reply of a server that is well has a few lines; more is no SMTP. */
const MAX_REPLY_BYTES = 64 * 1024
/** A whole reply, multi-line ones included, RFC 5321 section 4.2.1. */
const REPLY = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: ([^\n]*))?\n/

export class SmtpSession {
  readonly #socket: Socket
  readonly #timeout: number
  #received = ''
  #error: Error | undefined

  private constructor(socket: Socket, timeout: number) {
    this.#socket = socket
    this.#timeout = timeout
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      if (this.#received.length > MAX_REPLY_BYTES) socket.destroy(new Error('the reply has no end'))
      socket.emit('progress')
    })
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => {
      this.#error ??= new Error('the server closed the connection')
      socket.emit('progress')
    })
  }

  /**
   * Connects, waits for the greeting and says EHLO. Throws `tempfail` DRAC_SMTP.
   * @param source the address to ask from; the system's choice when left out
   * @param timeout milliseconds for each reply
   */
  static async open({ host, port }: SmtpServer, source: string | undefined, timeout: number): Promise<SmtpSession> {
    const socket = connect({ host, port, ...(source === undefined ? {} : { localAddress: source }) })
    const session = new SmtpSession(socket, timeout)
    const greeting = await session.#reply()
    if (greeting.code !== 220) throw session.#failed(`greeted with ${greeting.code} ${greeting.text}`)
    const ehlo = await session.command('EHLO drac-check.invalid')
    if (ehlo.code !== 250) throw session.#failed(`EHLO: ${ehlo.code} ${ehlo.text}`)
    return session
  }

  /** Throws `tempfail` DRAC_SMTP when no reply comes. @param line without its CRLF */
  async command(line: string): Promise<SmtpReply> {
    this.#socket.write(`${line}\r\n`)
    return this.#reply()
  }

  /**
   * What the server says to RCPT TO in a bounce (the empty sender, whose domain nobody can doubt); the transaction is
   * then reset. Throws `tempfail` DRAC_SMTP when it does not come to that.
   */
  async recipient(recipient: string): Promise<SmtpReply> {
    const mail = await this.command('MAIL FROM:<>')
    if (mail.code !== 250) throw this.#failed(`MAIL FROM:<>: ${mail.code} ${mail.text}`)
    const reply = await this.command(`RCPT TO:<${recipient}>`)
    await this.command('RSET')
    return reply
  }

  async quit(): Promise<void> {
    await this.command('QUIT').catch(() => {})
    this.#socket.destroy()
  }

  async #reply(): Promise<SmtpReply> {
    const deadline = Date.now() + this.#timeout
    for (;;) {
      const match = REPLY.exec(this.#received)
      if (match) {
        this.#received = this.#received.slice(match[0].length)
        return { code: Number(match[1]), text: printable(match[2] ?? '') }
      }
      if (this.#error) throw this.#failed(this.#error.message)
      if (!(await this.#progress(deadline - Date.now()))) throw this.#failed(`no reply in ${this.#timeout / 1000} s`)
    }
  }

  /** True when something came, or the connection ended. */
  #progress(wait: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (result: boolean) => (): void => {
        clearTimeout(timer)
        this.#socket.off('progress', came)
        resolve(result)
      }
      const came = done(true)
      const timer = setTimeout(done(false), Math.max(0, wait))
      this.#socket.on('progress', came)
    })
  }

  #failed(why: string): Error {
    this.#socket.destroy()
    return tempfail('DRAC_SMTP', why)
  }
}

const printable = (text: string): string => text.trim().replace(/[^ -~]/g, '?')
