// Peers that mean no good. Each keeps at it until its process ends.
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { parseAddress } from '../../src/lib/address.ts'
import { DRACPROG, encodeAdd } from '../../src/protocols/drac/add.ts'
import { encodeCall } from '../../src/protocols/oncrpc/message.ts'
import { encodeRecord } from '../../src/protocols/oncrpc/record-marking.ts'

export interface Ports {
  readonly udp: number
  readonly tcp: number
  readonly socketmap: number
}
export const HOSTILE = '127.0.0.2'
export const STRANGER = '127.0.0.9'

const { vers, args } = encodeAdd(parseAddress('198.51.100.1'))
const ADD = encodeCall({ xid: 1, prog: DRACPROG, vers, proc: 1, args })
const NULL = encodeRecord(encodeCall({ xid: 1, prog: DRACPROG, vers: 1, proc: 0 }))
const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(Math.random() * 256)))

/** A connection that is made again when it was lost. */
function again(port: number, localAddress: string, onConnect: (socket: Socket) => void, afterMs = 20): void {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
  socket.on('connect', () => onConnect(socket))
  socket.on('end', () => socket.destroy())
  socket.on('error', () => {})
  socket.on('close', () => setTimeout(() => again(port, localAddress, onConnect, afterMs), afterMs))
}

/** Writes one byte of `bytes` after another, ever so often, and reads what comes. */
function drip(socket: Socket, bytes: Buffer): void {
  let at = 0
  socket.resume()
  const timer = setInterval(() => socket.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1)), 200)
  socket.on('close', () => clearInterval(timer))
}

/** Asks as fast as it can and never reads. */
function neverRead(socket: Socket, request: Buffer): void {
  const many = Buffer.concat(Array.from({ length: 500 }, () => request))
  const write = (): void => {
    while (!socket.destroyed && socket.write(many)) {}
  }
  socket.pause().on('drain', write)
  write()
}

const MANY = 40
const each = (make: () => void, times = MANY): void => {
  for (let i = 0; i < times; i++) make()
}

export const ATTACKS = {
  'slow records': ({ tcp }) => {
    for (const source of [HOSTILE, STRANGER])
      each(() => again(tcp, source, (socket) => drip(socket, encodeRecord(ADD))))
  },
  'record marks of 2 GiB': ({ tcp }) => {
    for (const source of [HOSTILE, STRANGER]) {
      each(() =>
        again(tcp, source, (socket) => socket.resume().write(Buffer.concat([Buffer.alloc(4, 0xff), noise(60_000)]))),
      )
    }
  },
  'a thousand idle connections': ({ tcp, socketmap }) => {
    for (const source of ['127.0.0.1', HOSTILE, STRANGER]) {
      each(() => again(tcp, source, (socket) => socket.resume(), 1_000), 300)
    }
    each(() => again(socketmap, HOSTILE, (socket) => socket.resume(), 1_000), 1_000)
  },
  'mutated datagrams': ({ udp }) => {
    for (const source of [HOSTILE, STRANGER]) {
      const socket = createSocket('udp4')
      socket.on('error', () => {})
      socket.bind(0, source, () => setInterval(() => each(() => socket.send(mutated(), udp, '127.0.0.1'), 20), 5))
    }
  },
  'half-open connections': ({ tcp, socketmap }) => {
    for (const source of [HOSTILE, STRANGER])
      each(() => again(tcp, source, (socket) => socket.resume().end(NULL.subarray(0, 20))))
    each(() => again(socketmap, HOSTILE, (socket) => socket.resume().end('20:drac ')))
  },
  'peers that never read': ({ tcp, socketmap }) => {
    each(() => again(tcp, HOSTILE, (socket) => neverRead(socket, NULL)), 20)
    each(() => again(socketmap, HOSTILE, (socket) => neverRead(socket, Buffer.from('14:drac 192.0.2.1,'))), 20)
  },
  'slow and broken netstrings': ({ socketmap }) => {
    each(() => again(socketmap, HOSTILE, (socket) => drip(socket, Buffer.from('4096:drac 192.0.2.1 '))))
    each(() => again(socketmap, HOSTILE, (socket) => socket.resume().write(noise(2_000))))
  },
} as const satisfies Record<string, (ports: Ports) => void>

export type Attack = keyof typeof ATTACKS

/** An add with some bytes changed, cut or added; now and then noise. */
function mutated(): Buffer {
  if (Math.random() < 0.1) return noise(Math.floor(Math.random() * 1_400))
  const bytes = Buffer.concat([ADD, noise(Math.random() < 0.2 ? 8 : 0)])
  for (let edits = Math.floor(Math.random() * 4); edits > 0; edits--) {
    bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256)
  }
  return bytes.subarray(0, Math.random() < 0.2 ? Math.floor(Math.random() * bytes.length) : bytes.length)
}
