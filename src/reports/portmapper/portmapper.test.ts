import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { parseAddress } from '../../lib/address.ts'
import { type Endpoint, type InetEndpoint, parseEndpoint } from '../../net/endpoint.ts'
import { decodeReply, encodeCall } from '../../protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../../protocols/oncrpc/record-marking.ts'
import { decodeAddr, encodeRpcb } from '../../protocols/portmap/rpcbind.ts'
import { decodePort, encodeCallitArgs, encodeMapping } from '../../protocols/portmap/v2.ts'
import { announced, type Netid, registrations } from './announce.ts'
import { AddressQuestion, answerPortmap } from './answer.ts'
import { openBuiltin } from './builtin.ts'
import { openPortmapper, type PortmapperOptions } from './open.ts'
import { forwardsCalls } from './probe.ts'
import { register } from './register.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

const endpoints = ['udp:127.0.0.1:900', 'tcp:127.0.0.1:901', 'udp:[::1]:902', 'tcp:[::1]:903'].map(parseEndpoint)
const known = announced(endpoints)

interface Asked {
  readonly prog?: number
  readonly vers: number
  readonly proc: number
  readonly args?: Uint8Array
}
const call = ({ prog = 100_000, vers, proc, args = Buffer.alloc(0) }: Asked): Buffer =>
  encodeCall({ xid: 7, prog, vers, proc, args })
const mapping = (prog: number, vers: number, prot: number): Buffer => encodeMapping({ prog, vers, prot, port: 0 })
const rpcb = (netid: string, prog = 900_101, vers = 1): Buffer => encodeRpcb({ prog, vers, netid, addr: '', owner: '' })

function shown(bytes: Uint8Array | undefined): string | number | undefined {
  if (bytes === undefined) return undefined
  const reply = decodeReply(bytes)
  if (reply.stat !== 'SUCCESS') return reply.stat
  if (reply.results.remaining === 0) return 'null'
  return reply.results.remaining === 4 && decodeReply(bytes).stat === 'SUCCESS' && !isEmptyAddr(bytes)
    ? decodePort(reply.results)
    : decodeAddr(reply.results)
}
/** A port of 0 and an empty address are the same four bytes. */
const isEmptyAddr = (bytes: Uint8Array): boolean => Buffer.from(bytes).readUInt32BE(24) === 0

test.each<[string, Netid, Asked, string | number]>([
  ['null', 'udp', { vers: 2, proc: 0 }, 'null'],
  ['null, version 4', 'tcp6', { vers: 4, proc: 0 }, 'null'],
  ['null with an argument', 'udp', { vers: 2, proc: 0, args: Buffer.alloc(4) }, 'GARBAGE_ARGS'],
  ['GETPORT over UDP for UDP', 'udp', { vers: 2, proc: 3, args: mapping(900_101, 1, 17) }, 900],
  ['GETPORT over UDP for TCP', 'udp', { vers: 2, proc: 3, args: mapping(900_101, 2, 6) }, 901],
  ['GETPORT over IPv6', 'tcp6', { vers: 2, proc: 3, args: mapping(900_101, 1, 17) }, 902],
  ['GETPORT of version 3', 'udp', { vers: 2, proc: 3, args: mapping(900_101, 3, 17) }, ''],
  ['GETPORT of another program', 'udp', { vers: 2, proc: 3, args: mapping(100_000, 2, 17) }, ''],
  ['GETPORT of no transport', 'udp', { vers: 2, proc: 3, args: mapping(900_101, 1, 1) }, ''],
  ['GETPORT cut short', 'udp', { vers: 2, proc: 3, args: Buffer.alloc(12) }, 'GARBAGE_ARGS'],
  ['GETPORT and more', 'udp', { vers: 2, proc: 3, args: Buffer.alloc(20) }, 'GARBAGE_ARGS'],
  ['GETADDR, version 3', 'udp', { vers: 3, proc: 3, args: rpcb('udp') }, '127.0.0.1.3.132'],
  ['GETADDR, version 4', 'udp6', { vers: 4, proc: 3, args: rpcb('tcp6', 900_101, 2) }, '::1.3.135'],
  ['GETADDR without a netid', 'udp6', { vers: 4, proc: 3, args: rpcb('') }, '::1.3.134'],
  ['GETADDR of another netid', 'udp', { vers: 4, proc: 3, args: rpcb('local') }, ''],
  ['GETADDR of another program', 'udp', { vers: 4, proc: 3, args: rpcb('udp', 100_003) }, ''],
  ['SET', 'udp', { vers: 2, proc: 1, args: mapping(900_101, 1, 17) }, 'PROC_UNAVAIL'],
  ['UNSET', 'udp', { vers: 4, proc: 2, args: rpcb('udp') }, 'PROC_UNAVAIL'],
  ['DUMP', 'udp', { vers: 2, proc: 4 }, 'PROC_UNAVAIL'],
  [
    'CALLIT',
    'udp',
    { vers: 2, proc: 5, args: encodeCallitArgs({ prog: 900_101, vers: 1, proc: 0, args: Buffer.alloc(0) }) },
    'PROC_UNAVAIL',
  ],
  ['INDIRECT', 'udp', { vers: 4, proc: 10 }, 'PROC_UNAVAIL'],
  ['version 1', 'udp', { vers: 1, proc: 0 }, 'PROG_MISMATCH'],
  ['version 5', 'udp', { vers: 5, proc: 0 }, 'PROG_MISMATCH'],
  ['our own program', 'udp', { prog: 900_101, vers: 1, proc: 0 }, 'PROG_UNAVAIL'],
])('%s', (_, netid, asked, answer) => {
  const reply = answerPortmap(call(asked), netid, known)
  expect(shown(reply as Buffer)).toBe(answer)
})

test('no call, no answer; an endpoint on every address has its address found out first', () => {
  expect(answerPortmap(Buffer.from('noise'), 'udp', known)).toBeUndefined()
  const wide = announced([parseEndpoint('udp:0.0.0.0:900')])
  expect(answerPortmap(call({ vers: 4, proc: 3, args: rpcb('udp') }), 'udp', wide)).toBeInstanceOf(AddressQuestion)
})

test('property: any bytes are answered by no more than an address needs', () => {
  fc.assert(
    fc.property(fc.constantFrom(2, 3, 4), fc.nat(12), fc.uint8Array({ maxLength: 80 }), (vers, proc, args) => {
      const bytes = call({ vers, proc, args })
      const reply = answerPortmap(bytes, 'udp', known) as Buffer
      expect(reply.length).toBeLessThanOrEqual(24 + 4 + 48)
    }),
    { numRuns: 5_000 },
  )
})

test('announced: one endpoint for each netid, the one that most can reach', () => {
  const texts = (listen: string[]): string[] =>
    registrations(listen.map(parseEndpoint)).map(({ vers, netid, addr }) => `${vers} ${netid} ${addr}`)
  expect(texts(['unix:/run/x'])).toEqual([])
  expect(texts(['udp:127.0.0.1:256', 'udp:192.0.2.1:257', 'udp:192.0.2.2:258'])).toEqual([
    '1 udp 192.0.2.1.1.1',
    '2 udp 192.0.2.1.1.1',
  ])
  expect(texts(['tcp:[::1]:1', 'tcp:[2001:db8::1]:2', 'tcp:[::]:3'])).toEqual(['1 tcp6 ::.0.3', '2 tcp6 ::.0.3'])
})

/** A port that is free for UDP and TCP at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function overUdp(port: number, bytes: Uint8Array): Promise<Buffer> {
  const socket = createSocket('udp4')
  open.push(() => socket.close())
  socket.send(bytes, port, '127.0.0.1')
  return (await once(socket, 'message'))[0]
}

async function overTcp(port: number, ...calls: Uint8Array[]): Promise<Buffer[]> {
  const socket = connect(port, '127.0.0.1')
  open.push(() => socket.destroy())
  const reader = new RecordReader()
  const records: Buffer[] = []
  socket.on('data', (chunk) => {
    for (const record of reader.push(chunk as Buffer)) records.push(Buffer.from(record))
  })
  socket.end(Buffer.concat(calls.map(encodeRecord)))
  await once(socket, 'close')
  return records
}

const GETPORT = call({ vers: 2, proc: 3, args: mapping(900_101, 1, 17) })

test('the built-in one answers over UDP and TCP; a stranger has one call over TCP', async () => {
  for (const [trusted, answers] of [
    [true, 3],
    [false, 1],
  ] as const) {
    const port = await freePort()
    const builtin = await openBuiltin(endpoints.slice(0, 2), port, () => trusted)
    open.push(() => builtin.close())
    expect(builtin.endpoints.map((endpoint) => (endpoint as InetEndpoint).transport)).toEqual(['udp', 'tcp'])
    expect(shown(await overUdp(port, GETPORT))).toBe(900)
    const records = await overTcp(port, GETPORT, GETPORT, GETPORT)
    expect(records.map(shown)).toEqual(Array.from({ length: answers }, () => 900))
  }
})

test('asked for an endpoint on every address, it names the one that the caller reaches', async () => {
  const port = await freePort()
  const builtin = await openBuiltin([parseEndpoint('udp:0.0.0.0:900')], port, () => true)
  open.push(() => builtin.close())
  expect(shown(await overUdp(port, call({ vers: 4, proc: 3, args: rpcb('udp') })))).toBe('127.0.0.1.3.132')
})

const options = (more: Partial<PortmapperOptions>): PortmapperOptions => ({
  trusts: () => true,
  setForwarded: () => {},
  rpcbindSocket: '/nonexistent/rpcbind.sock',
  probeMs: 100,
  ...more,
})

test('modes without rpcbind: off, builtin, auto, and rpcbind that is tried on', async () => {
  const local: Endpoint[] = endpoints.slice(0, 2)
  const off = await openPortmapper('off', local, options({}))
  expect(off.state).toMatchObject({ mode: 'off', registered: false })
  const port = await freePort()
  const auto = await openPortmapper('auto', local, options({ port }))
  open.push(() => auto.close())
  expect(auto.state).toMatchObject({ mode: 'builtin', registered: true, forwards: false })
  await expect(openPortmapper('builtin', local, options({ port }))).rejects.toMatchObject({ kind: 'config' })
  const told: unknown[] = []
  const rpcbind = await openPortmapper('rpcbind', local, options({ port, setForwarded: (it) => told.push(it) }))
  expect(rpcbind.state).toMatchObject({ mode: 'rpcbind', registered: false, forwards: false })
  expect(rpcbind.state.reason).toContain('/nonexistent/rpcbind.sock')
  expect(told).toEqual([undefined, false])
  await rpcbind.close()
  await off.close()
  const nothing = await openPortmapper('auto', [parseEndpoint('unix:/run/x')], options({ port }))
  expect(nothing.state.mode).toBe('off')
  await nothing.close()
})

test('an rpcbind that accepts and never answers costs the time limit, no more', async () => {
  const server = createServer(() => {}).listen(`\0drac-test-${process.pid}`)
  await once(server, 'listening')
  open.push(() => server.close())
  const path = `\0drac-test-${process.pid}`
  expect(await register({ path, timeoutMs: 200 }, registrations(endpoints))).toContain('no answer in 200 ms')
})

test('an rpcbind that answers nonsense or hangs up is a reason, not an exception', async () => {
  const path = `\0drac-test2-${process.pid}`
  let answer: Buffer = Buffer.from('ffffffff', 'hex')
  const server = createServer((socket) => socket.on('error', () => {}).end(answer)).listen(path)
  await once(server, 'listening')
  open.push(() => server.close())
  expect(await register({ path, timeoutMs: 5_000 }, registrations(endpoints))).toMatch(/^rpcbind at /)
  answer = encodeRecord(Buffer.alloc(40))
  expect(await register({ path, timeoutMs: 5_000 }, registrations(endpoints))).toMatch(/^rpcbind at /)
})

test('the probe believes success alone', async () => {
  const socket = createSocket('udp4')
  open.push(() => socket.close())
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  let reply = (bytes: Buffer): Buffer => bytes
  socket.on('message', (bytes, peer) => socket.send(reply(bytes), peer.port, peer.address))
  const [here, nowhere] = [parseAddress('127.0.0.1'), parseAddress('::1')]
  expect(await forwardsCalls(here, port, 200)).toBe(false)
  reply = (bytes) => answerPortmap(bytes, 'udp', known) as Buffer
  expect(await forwardsCalls(here, port, 200)).toBe(false)
  expect(await forwardsCalls(nowhere, port, 200)).toBe(false)
  reply = (bytes) => answerPortmap(call({ vers: 2, proc: 0 }), 'udp', known) as Buffer & typeof bytes
  expect(await forwardsCalls(here, port, 30_000)).toBe(true)
})
