import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { type InetEndpoint, parseEndpoint } from './endpoint.ts'
import { openUdp, type UdpListener } from './udp.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((it) => it.close()))
})

async function echo(text: string): Promise<UdpListener> {
  const listener = await openUdp(parseEndpoint(text) as InetEndpoint, (bytes, peer, self) => self.send(bytes, peer))
  open.push(listener)
  return listener
}

async function client(type: 'udp4' | 'udp6', to: InetEndpoint): Promise<Socket> {
  const socket = createSocket(type)
  open.push({ close: () => new Promise<void>((resolve) => socket.close(() => resolve())) })
  await new Promise<void>((resolve) => socket.connect(to.port, to.address, resolve))
  return socket
}

/** A connected socket takes datagrams only from where it sends to: the answer left by the listener's own socket. */
async function ask(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'message')
  socket.send(text)
  return String((await answer)[0])
}

test('answers leave by the socket that was asked; IPv4 and IPv6 stand side by side on one port', async () => {
  const four = await echo('udp:127.0.0.1:0')
  const six = await echo(`udp:[::]:${four.endpoint.port}`)
  expect(four.endpoint.port).toBeGreaterThan(0)
  expect(six.endpoint.port).toBe(four.endpoint.port)
  expect(await ask(await client('udp4', four.endpoint), 'four')).toBe('four')
  expect(await ask(await client('udp6', { ...six.endpoint, address: '::1' as never }), 'six')).toBe('six')
})

test('a port that is taken and an address that is not ours are config errors with a cure', async () => {
  const first = await echo('udp:127.0.0.1:0')
  await expect(echo(`udp:127.0.0.1:${first.endpoint.port}`)).rejects.toMatchObject({
    code: 'DRAC_LISTEN',
    kind: 'config',
    message: expect.stringContaining(`udp:127.0.0.1:${first.endpoint.port}: something else listens there`),
  })
  await expect(echo('udp:192.0.2.1:0')).rejects.toMatchObject({ kind: 'config' })
})

test('deaf, it hears nothing more and can still answer; closed, it does neither and does not throw', async () => {
  const peers: { address: string; port: number }[] = []
  const listener = await openUdp(parseEndpoint('udp:127.0.0.1:0') as InetEndpoint, (_, peer) => peers.push(peer))
  open.push(listener)
  const socket = await client('udp4', listener.endpoint)
  socket.send('one')
  await expect.poll(() => peers.length).toBe(1)
  listener.deafen()
  socket.send('two')
  const answer = once(socket, 'message')
  listener.send(Buffer.from('late'), peers[0]!)
  expect(String((await answer)[0])).toBe('late')
  await listener.close()
  listener.send(Buffer.from('later'), peers[0]!)
  expect(peers).toHaveLength(1)
})

test('a datagram from port 0 is answered by nobody, without harm', async () => {
  const listener = await echo('udp:127.0.0.1:0')
  listener.send(Buffer.from('x'), { address: '127.0.0.1', port: 0 })
  expect(await ask(await client('udp4', listener.endpoint), 'still here')).toBe('still here')
})
