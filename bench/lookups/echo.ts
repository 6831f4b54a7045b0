// Yardstick, run as a program: bare Node servers that send back what comes: `echo.ts FOLDER`. Prints "ready" and their
// endpoints. The one named "once" ends each connection after its first answer, as readsocket does.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

const folder = process.argv[2]!
const echo = (socket: Socket): void => {
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => socket.write(chunk))
}
const echoOnce = (socket: Socket): void => {
  socket.on('error', () => socket.destroy())
  socket.once('data', (chunk) => socket.end(chunk))
}
const tcp = createServer({ noDelay: true }, echo).listen(0, '127.0.0.1')
const unix = createServer(echo).listen(join(folder, 'echo'))
const ending = createServer(echoOnce).listen(join(folder, 'once'))
const udp = createSocket('udp4')
udp.on('message', (bytes, peer) => udp.send(bytes, peer.port, peer.address))
udp.bind(0, '127.0.0.1')
await Promise.all([tcp, unix, ending, udp].map((server) => once(server, 'listening')))
const { port } = tcp.address() as AddressInfo
process.stdout.write(
  `ready echo=unix:${folder}/echo once=unix:${folder}/once echo=tcp:127.0.0.1:${port} echo=udp:127.0.0.1:${udp.address().port}\n`,
)
