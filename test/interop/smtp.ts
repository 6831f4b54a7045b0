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

  /** Connects from `source` to the server's address of the same family and says EHLO. Throws when it is not heard. */
  static async open(namespace: Namespace, source: string, port = 25): Promise<SmtpSession> {
    const opened = await SmtpSession.tryToOpen(namespace, source, port)
    if (opened instanceof SmtpSession) return opened
    throw new Error(`EHLO: ${opened.code} ${opened.text}`)
  }

  /** The same; a server that will not hear us is a reply. */
  static async tryToOpen(namespace: Namespace, source: string, port = 25): Promise<SmtpSession | Reply> {
    const host = source.includes(':') ? '2001:db8::1' : '192.0.2.1'
    const session = new SmtpSession(namespace.connect(source, host, port))
    const greeting = await session.#reply()
    const reply = greeting.code === 220 ? await session.command('EHLO client.test') : greeting
    if (reply.code === 250) return session
    session.#socket.destroy()
    return reply
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

/** True when something greets on that port of the server's addresses of these clients. */
export async function greets(namespace: Namespace, clients: readonly string[], port = 25): Promise<boolean> {
  for (const source of clients) {
    const opened = await SmtpSession.tryToOpen(namespace, source, port)
    if (!(opened instanceof SmtpSession)) return false
    await opened.close()
  }
  return true
}

/** One session, one question. */
export async function askRelay(namespace: Namespace, source: string, recipient = REMOTE, port = 25): Promise<Reply> {
  const session = await SmtpSession.tryToOpen(namespace, source, port)
  if (!(session instanceof SmtpSession)) return session
  try {
    return await session.rcpt(recipient)
  } finally {
    await session.close()
  }
}
