// An SMTP client (RFC 5321) that asks only whether a recipient would be accepted: it never sends DATA.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Namespace } from './namespace.ts'

/** A recipient elsewhere: accepting it means relaying. */
export const REMOTE = 'someone@example.com'
/** A recipient of the mail server under test. */
export const LOCAL = 'root@mta.test'

export interface Reply {
  /** RFC 5321 section 4.2; 0 when the server closed the connection instead of answering */
  readonly code: number
  readonly text: string
}

export class SmtpSession {
  readonly #socket: Socket
  #received = ''
  #closed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
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

  /** Connects from `source` to the server's address of the same family and says EHLO. */
  static async open(namespace: Namespace, source: string): Promise<SmtpSession> {
    const session = new SmtpSession(namespace.connect(source, source.includes(':') ? '2001:db8::1' : '192.0.2.1', 25))
    const greeting = await session.#reply()
    const { code, text } = greeting.code === 220 ? await session.command('EHLO client.test') : greeting
    if (code === 250) return session
    session.#socket.destroy()
    throw new Error(`EHLO: ${code} ${text}`)
  }

  async command(line: string): Promise<Reply> {
    this.#socket.write(`${line}\r\n`)
    return this.#reply()
  }

  /** What the server says to a message from outside for `recipient`; the transaction is then reset. */
  async rcpt(recipient: string): Promise<Reply> {
    const mail = await this.command('MAIL FROM:<sender@client.test>')
    if (mail.code !== 250) return mail
    const reply = await this.command(`RCPT TO:<${recipient}>`)
    if (reply.code !== 0) await this.command('RSET')
    return reply
  }

  async close(): Promise<void> {
    if (!this.#closed) await this.command('QUIT')
    this.#socket.destroy()
    if (!this.#closed) await once(this.#socket, 'close')
  }

  /** `250-a`, `250-b`, `250 c`: the last line of a reply has a space after the code. Waits up to 120 s. */
  async #reply(): Promise<Reply> {
    const signal = AbortSignal.timeout(120_000)
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: ([^\n]*))?\n/.exec(this.#received)
      if (match) {
        this.#received = this.#received.slice(match[0].length)
        return { code: Number(match[1]), text: (match[2] ?? '').trim() }
      }
      if (this.#closed) return { code: 0, text: 'connection closed' }
      await once(this.#socket, 'progress', { signal })
    }
  }
}

/** True when something greets on port 25 of both addresses. */
export async function greets(namespace: Namespace): Promise<boolean> {
  for (const source of ['192.0.2.9', '2001:db8::9']) {
    try {
      await (await SmtpSession.open(namespace, source)).close()
    } catch {
      return false
    }
  }
  return true
}

/** One session, one question. */
export async function askRelay(namespace: Namespace, source: string, recipient = REMOTE): Promise<Reply> {
  const session = await SmtpSession.open(namespace, source)
  try {
    return await session.rcpt(recipient)
  } finally {
    await session.close()
  }
}
