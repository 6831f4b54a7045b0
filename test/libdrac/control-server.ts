// A control socket that misbehaves as told, and remembers what it was asked.
import { createServer, type Server, type Socket } from 'node:net'

export interface ControlServer {
  readonly path: string
  readonly requests: string[]
  /** What the next connections are answered with, as it is; undefined: nothing. */
  answer: string | undefined
  /** Close after the answer. */
  close: boolean
  stop(): Promise<void>
}

export const response = (status: string, body: string, ...fields: readonly string[]): string =>
  [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, ...fields, '', body].join('\r\n')

export async function startControl(path: string): Promise<ControlServer> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const control = { path, requests, answer: undefined as string | undefined, close: true }
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    let request = ''
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.setEncoding('utf8').on('data', (chunk) => {
      request += chunk
      const length = /\r\nContent-Length: (\d+)\r\n/.exec(request)?.[1]
      const [head, body] = request.split('\r\n\r\n')
      if (body === undefined || Buffer.byteLength(body) < Number(length)) return
      requests.push(`${head}\n${body}`)
      if (control.answer !== undefined) socket.write(control.answer)
      if (control.close) socket.end()
    })
  })
  await new Promise<void>((listening) => server.listen(path, listening))
  return Object.assign(control, {
    stop: () =>
      new Promise<void>((closed) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => closed())
      }),
  })
}
