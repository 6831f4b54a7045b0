// Mail clients: IMAP4rev1 (RFC 3501, with IDLE of RFC 2177 and ID of RFC 2971) and POP3 (RFC 1939), as far as a login needs.
import { LineSession } from './line-session.ts'
import { type Namespace, SERVER } from './namespace.ts'

export interface Where {
  /** left out: the server's address of the client's family */
  readonly host?: string
  readonly port?: number
}

export interface MailPorts {
  readonly imap: number
  readonly pop3: number
}
export const PORTS: MailPorts = { imap: 143, pop3: 110 }

const serverFor = (source: string): string => (source.includes(':') ? SERVER.v6 : SERVER.v4)

export class ImapSession {
  readonly #lines: LineSession
  #tag = 0
  #idle: string | undefined

  private constructor(lines: LineSession) {
    this.#lines = lines
  }

  /** Connects from `source`. Throws when the server does not greet. */
  static async open(namespace: Namespace, source: string, where: Where = {}): Promise<ImapSession> {
    const { host = serverFor(source), port = PORTS.imap } = where
    const lines = new LineSession(namespace.connect(source, host, port))
    const greeting = await lines.line()
    if (greeting?.startsWith('* OK')) return new ImapSession(lines)
    lines.abort()
    throw new Error(`IMAP greeting to ${source}: ${greeting ?? 'connection closed'}`)
  }

  /** Returns the tagged line without the tag, "OK ..." say; "closed" when the server closed the connection instead. */
  async command(text: string): Promise<string> {
    const tag = `a${++this.#tag}`
    this.#lines.send(`${tag} ${text}`)
    return this.#tagged(tag)
  }

  /** True when the server let the user in. */
  async login(user: string, password: string): Promise<boolean> {
    return (await this.command(`LOGIN ${quoted(user)} ${quoted(password)}`)).startsWith('OK')
  }

  /** By AUTHENTICATE PLAIN (RFC 4616) in one line, which needs SASL-IR. */
  async authenticate(user: string, password: string): Promise<boolean> {
    const response = Buffer.from(`\0${user}\0${password}`).toString('base64')
    return (await this.command(`AUTHENTICATE PLAIN ${response}`)).startsWith('OK')
  }

  /** Selects INBOX and idles; returns when the server has said that it waits. */
  async idle(): Promise<void> {
    const selected = await this.command('SELECT INBOX')
    if (!selected.startsWith('OK')) throw new Error(`SELECT: ${selected}`)
    this.#idle = `a${++this.#tag}`
    this.#lines.send(`${this.#idle} IDLE`)
    const answer = (await this.#lines.linesTo(/^\+|^a\d+ /)).at(-1)
    if (!answer?.startsWith('+')) throw new Error(`IDLE: ${answer ?? 'connection closed'}`)
  }

  /** Ends an IDLE, logs out, and waits until the server has closed the connection. */
  async logout(): Promise<void> {
    if (this.#idle !== undefined) {
      this.#lines.send('DONE')
      await this.#tagged(this.#idle)
      this.#idle = undefined
    }
    await this.command('LOGOUT')
    await this.#lines.ended()
  }

  abort(): void {
    this.#lines.abort()
  }

  async #tagged(tag: string): Promise<string> {
    const last = (await this.#lines.linesTo(new RegExp(`^${tag} `))).at(-1)
    return last?.startsWith(`${tag} `) ? last.slice(tag.length + 1) : 'closed'
  }
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

export class PopSession {
  readonly #lines: LineSession

  private constructor(lines: LineSession) {
    this.#lines = lines
  }

  /** Connects from `source`. Throws when the server does not greet. */
  static async open(namespace: Namespace, source: string, where: Where = {}): Promise<PopSession> {
    const { host = serverFor(source), port = PORTS.pop3 } = where
    const lines = new LineSession(namespace.connect(source, host, port))
    const greeting = await lines.line()
    if (greeting?.startsWith('+OK')) return new PopSession(lines)
    lines.abort()
    throw new Error(`POP3 greeting to ${source}: ${greeting ?? 'connection closed'}`)
  }

  /** The first line of the answer; "closed" when the server closed the connection instead. */
  async command(text: string): Promise<string> {
    this.#lines.send(text)
    return (await this.#lines.line()) ?? 'closed'
  }

  /** True when the server let the user in. */
  async login(user: string, password: string): Promise<boolean> {
    const answer = await this.command(`USER ${user}`)
    if (!answer.startsWith('+OK')) return false
    return (await this.command(`PASS ${password}`)).startsWith('+OK')
  }

  /** QUIT, and waits until the server has closed the connection. */
  async logout(): Promise<void> {
    await this.command('QUIT')
    await this.#lines.ended()
  }

  abort(): void {
    this.#lines.abort()
  }
}
