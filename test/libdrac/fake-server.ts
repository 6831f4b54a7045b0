// A UDP server that misbehaves as told: `node fake-server.ts ADDRESS:PORT=BEHAVIOUR...`, an IPv6 address in brackets.
// Prints `ready PORT...`, then for each datagram `got INDEX HEX`; repeats each line of its standard input, and ends with it.
import { createSocket } from 'node:dgram'
import { behave } from './replies.ts'

const ports: number[] = []
const listeners = process.argv.slice(2)
listeners.forEach((listener, index) => {
  const [, address, port, behaviour] = /^\[?([^\]=]+?)\]?:(\d+)=(.+)$/.exec(listener)!
  const socket = createSocket(address!.includes(':') ? 'udp6' : 'udp4')
  let count = 0
  socket.on('message', (request, { address: host, port: from }) => {
    process.stdout.write(`got ${index} ${request.toString('hex')}\n`)
    behave(behaviour!, request, ++count, (bytes, afterMs = 0) => {
      const send = () => socket.send(bytes, from, host, () => undefined)
      if (afterMs === 0) send()
      else setTimeout(send, afterMs)
    })
  })
  socket.bind(Number(port), address, () => {
    ports[index] = socket.address().port
    if (ports.filter(Boolean).length === listeners.length) process.stdout.write(`ready ${ports.join(' ')}\n`)
  })
})
process.stdin.on('data', (line) => process.stdout.write(line)).on('end', () => process.exit(0))
