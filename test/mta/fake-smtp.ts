// A mail server that says to RCPT TO what the test wants, and keeps what it was told.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

export class FakeSmtp {
  readonly #server: Server
  /** Every command, with the client's address. */
  readonly heard: { readonly client: string; readonly line: string }[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param rcpt the reply to RCPT TO, by the client's address; undefined: none, ever */
  static async start(rcpt: (client: string) => string | undefined, mail = (): string => '250 ok'): Promise<FakeSmtp> {
    const server = createServer()
    const fake = new FakeSmtp(server)
    server.on('connection', (socket) => {
      const client = socket.remoteAddress!
      socket.on('error', () => {})
      socket.write('220-fake.test\r\n220 ESMTP\r\n')
      let rest = ''
      socket.setEncoding('latin1').on('data', (text: string) => {
        const lines = (rest + text).split('\r\n')
        rest = lines.pop()!
        for (const line of lines) {
          fake.heard.push({ client, line })
          const reply = replyTo(line, () => rcpt(client), mail)
          if (reply !== undefined) socket.write(`${reply}\r\n`)
        }
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return fake
  }

  get place(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
  }
}

function replyTo(line: string, rcpt: () => string | undefined, mail: () => string): string | undefined {
  if (line.startsWith('RCPT')) return rcpt()
  if (line.startsWith('MAIL')) return mail()
  if (line.startsWith('EHLO')) return '250-fake.test\r\n250 PIPELINING'
  return line === 'QUIT' ? '221 bye' : '250 ok'
}
