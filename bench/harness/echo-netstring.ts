// Yardstick, run as a program: a bare Node server that answers each netstring with itself. Prints "ready PORT".
import { type AddressInfo, createServer } from 'node:net'

const path = process.argv[2]
const server = createServer({ noDelay: true }, (socket) => {
  let held = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    held += chunk
    for (;;) {
      const colon = held.indexOf(':')
      const whole = colon + 1 + Number(held.slice(0, colon)) + 1
      if (colon < 0 || held.length < whole) return
      socket.write(held.slice(0, whole), 'latin1')
      held = held.slice(whole)
    }
  })
})
const ready = (): void => void process.stdout.write(`ready ${(server.address() as AddressInfo).port ?? 0}\n`)
if (path === undefined) server.listen(0, '127.0.0.1', ready)
else server.listen(path, ready)
