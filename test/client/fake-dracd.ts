// A small server on our own codecs, UDP and TCP on one port, that does what a test tells it to.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Call, decodeCall } from '../../src/protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../../src/protocols/oncrpc/record-marking.ts'

export interface Ask {
  readonly call: Call
  readonly transport: 'udp' | 'tcp'
  /** Sends bytes as they are: a datagram, or bytes of the stream. */
  readonly raw: (bytes: Uint8Array) => void
  /** Sends from another UDP port. */
  readonly rawFromElsewhere: (bytes: Uint8Array) => void
  /** TCP: ends the connection. */
  readonly hangUp: () => void
}
/** What to answer; nothing is silence. */
export type Answer = (ask: Ask, count: number) => Uint8Array | undefined

export interface FakeServer {
  readonly port: number
  /** Every call that came, each datagram of a repeated call too. */
  readonly calls: readonly Call[]
  /** TCP connections so far. */
  readonly connections: () => number
  close(): Promise<void>
}

/** @param port 0 for any; one that is free for UDP and TCP is found */
export async function fakeServer(answer: Answer, address = '127.0.0.1', port = 0): Promise<FakeServer> {
  const { udp, tcp, bound } = await bindBoth(address, port)
  const calls: Call[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  udp.on('message', (message, peer) => {
    const call = decodeCall(Uint8Array.from(message))
    const raw = (bytes: Uint8Array): void => udp.send(bytes, peer.port, peer.address)
    const reply = answer(
      {
        call,
        transport: 'udp',
        raw,
        rawFromElsewhere: (bytes) => {
          const other = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
          other.send(bytes, peer.port, peer.address, () => other.close())
        },
        hangUp: () => {},
      },
      calls.push(call),
    )
    if (reply) raw(reply)
  })
  tcp.on('connection', (socket) => {
    connections++
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    const records = new RecordReader()
    socket.on('data', (chunk: Buffer) => {
      for (const record of records.push(chunk)) {
        const call = decodeCall(Uint8Array.from(record))
        const raw = (bytes: Uint8Array): unknown => socket.write(bytes)
        const hangUp = (): unknown => socket.destroy()
        const reply = answer({ call, transport: 'tcp', raw, rawFromElsewhere: raw, hangUp }, calls.push(call))
        if (reply) raw(encodeRecord(reply))
      }
    })
  })
  return {
    port: bound,
    calls,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      udp.close()
      tcp.close()
      await Promise.all([once(udp, 'close'), once(tcp, 'close')])
    },
  }
}

async function bindBoth(address: string, port: number): Promise<{ udp: UdpSocket; tcp: Server; bound: number }> {
  for (let tries = 0; ; tries++) {
    const tcp = createServer().listen(port, address)
    await once(tcp, 'listening')
    const bound = (tcp.address() as AddressInfo).port
    const udp = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) })
    try {
      udp.bind(bound, address)
      await once(udp, 'listening')
      return { udp, tcp, bound }
    } catch (error) {
      tcp.close()
      udp.close()
      if (port !== 0 || tries === 20) throw error
    }
  }
}

/** A port on which nothing listens, for UDP and TCP. */
export async function closedPort(): Promise<number> {
  const server = await fakeServer(() => undefined)
  await server.close()
  return server.port
}

/** Why tests over ::1 cannot run here; undefined where they can. */
export const noIPv6 = Object.values(networkInterfaces()).some((of) => of?.some(({ address }) => address === '::1'))
  ? undefined
  : 'this machine has no ::1'
if (noIPv6) console.warn(`skipped: the client's tests over IPv6: ${noIPv6}`)
