import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../../src/net/endpoint.ts'
import type { Served } from './lookups-protocols.ts'

/** A peer on a stream, and what it has heard. */
export interface Peer {
  readonly socket: Socket
  heard(): string
  /** The server sends no more, or the connection is gone. */
  ended(): boolean
  closed(): boolean
}

export function peer(served: Served, endpoint: Endpoint): Peer {
  if (endpoint.transport === 'udp') throw new Error('no stream')
  const where =
    endpoint.transport === 'unix' ? { path: endpoint.path } : { port: endpoint.port, host: endpoint.address }
  const socket = connect(where)
  const chunks: Buffer[] = []
  let ended = false
  let closed = false
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => {
    ended = true
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    closed = true
  })
  served.later(() => socket.destroy())
  return {
    socket,
    heard: () => Buffer.concat(chunks).toString('latin1'),
    ended: () => ended || closed,
    closed: () => closed,
  }
}
