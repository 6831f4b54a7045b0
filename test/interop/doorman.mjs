// The one process that stays inside a test's network namespace and keeps it alive. It opens TCP connections there for
// the test outside: whoever connects to the unix socket PATH (argument 1) and sends "SOURCE DESTINATION PORT\n" is
// joined to that connection, opened from that source address. It ends when its standard input does, so that the
// namespace goes away with the test however the test ends.
import { connect, createServer } from 'node:net'

function join(outside, line) {
  const [localAddress, host, port] = line.split(' ')
  const inside = connect({ localAddress, host, port: Number(port) })
  const end = () => {
    outside.destroy()
    inside.destroy()
  }
  for (const socket of [outside, inside]) socket.on('error', end).on('close', end)
  outside.pipe(inside)
  inside.pipe(outside)
}

const server = createServer((outside) => {
  outside.once('error', () => outside.destroy())
  outside.once('data', (chunk) => {
    const end = chunk.indexOf('\n')
    if (end + 1 < chunk.length) outside.unshift(chunk.subarray(end + 1)) // who speaks first has not waited
    join(outside, chunk.toString('latin1', 0, end))
  })
})
server.listen(process.argv[2], () => process.stdout.write('ready\n'))
process.stdin.resume().on('end', () => process.exit(0))
