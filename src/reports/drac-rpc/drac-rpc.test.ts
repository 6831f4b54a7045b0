import { createSocket, type Socket as Datagram } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { changes } from '../../core/changes.ts'
import type { AddResult, LoginEvent } from '../../core/login-event.ts'
import { refused } from '../../core/refused.ts'
import type { Address } from '../../lib/address.ts'
import { parseAddress } from '../../lib/address.ts'
import { tempfail } from '../../lib/errors.ts'
import { type InetEndpoint, parseEndpoint } from '../../net/endpoint.ts'
import { AddStat, DRACPROG, decodeAddResult, encodeAdd } from '../../protocols/drac/add.ts'
import { type CallParts, decodeReply, encodeCall } from '../../protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../../protocols/oncrpc/record-marking.ts'
import type { Reports } from './answer.ts'
import { type DracRpc, openDracRpc } from './open.ts'
import { DRAC_RPC_LIMITS } from './records.ts'

const CLIENT = parseAddress('192.0.2.25')
const open: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

/** A relay table that writes down what it is asked, and answers when and what a test says. */
class Table implements Reports {
  readonly events: LoginEvent[] = []
  trusted = true
  now = 1_000
  expiresAt = 2_800
  answer: () => Promise<AddResult> = async () => this.added()
  trusts(): boolean {
    return this.trusted
  }
  added(): AddResult {
    const { expiresAt, now } = this
    const authorization = { key: CLIENT as never, expiresAt, firstSeen: now, lastSeen: now, source: 'test' }
    return { status: 'added', authorization }
  }
  add(event: LoginEvent): Promise<AddResult> {
    this.events.push(event)
    if (!this.trusted) return Promise.resolve({ status: 'refused', reason: 'untrusted-reporter' })
    return this.answer()
  }
}

async function serve(table: Table, endpoints = ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0']): Promise<DracRpc> {
  const front = await openDracRpc(endpoints.map(parseEndpoint), table, {
    clock: () => table.now,
    lifetime: () => 1_800,
    limits: { ...DRAC_RPC_LIMITS, strangerMs: 500 },
  })
  open.push(() => front.close(0))
  return front
}

const add = (xid: number, client: Address = CLIENT, more: Partial<CallParts> = {}): Buffer => {
  const { vers, args } = encodeAdd(client)
  return encodeCall({ xid, prog: DRACPROG, vers, proc: 1, args, ...more })
}
const statOf = (bytes: Uint8Array): string => {
  const reply = decodeReply(bytes)
  if (reply.stat !== 'SUCCESS') return `${reply.xid} ${reply.stat}`
  if (reply.results.done) return `${reply.xid} null`
  const stat = decodeAddResult(reply.results)
  return `${reply.xid} ${Object.entries(AddStat).find(([, number]) => number === stat)![0]}`
}

class UdpClient {
  readonly answers: string[] = []
  readonly #socket: Datagram
  readonly #to: InetEndpoint
  constructor(front: DracRpc) {
    this.#to = front.endpoints.find((e) => e.transport === 'udp') as InetEndpoint
    this.#socket = createSocket(this.#to.address.includes(':') ? 'udp6' : 'udp4')
    this.#socket.on('message', (bytes) => this.answers.push(statOf(bytes)))
    open.push(() => this.#socket.close())
  }
  send(...datagrams: Uint8Array[]): void {
    for (const bytes of datagrams) this.#socket.send(bytes, this.#to.port, this.#to.address)
  }
  async hears(...answers: string[]): Promise<void> {
    await expect.poll(() => this.answers.toSorted(), { timeout: 10_000 }).toEqual(answers.toSorted())
  }
}

class TcpClient {
  readonly answers: string[] = []
  ended = false
  readonly socket: Socket
  constructor(front: DracRpc) {
    const { port, address } = front.endpoints.find((e) => e.transport === 'tcp') as InetEndpoint
    const reader = new RecordReader()
    this.socket = connect(port, address)
    this.socket.on('data', (chunk) => {
      for (const record of reader.push(chunk as Buffer)) this.answers.push(statOf(record))
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.ended = true
    })
    open.push(() => this.socket.destroy())
  }
  async hears(...answers: string[]): Promise<void> {
    await expect.poll(() => this.answers.toSorted(), { timeout: 10_000 }).toEqual(answers.toSorted())
  }
  async ends(): Promise<void> {
    await expect.poll(() => this.ended, { timeout: 10_000 }).toBe(true)
  }
}

test('both versions over UDP and TCP, IPv4 and IPv6 listeners', async () => {
  const table = new Table()
  const front = await serve(table)
  const front6 = await serve(table, ['udp:[::1]:0', 'tcp:[::1]:0'])
  const clients = [new UdpClient(front), new UdpClient(front6), new TcpClient(front), new TcpClient(front6)]
  const calls = [add(1), add(2, parseAddress('2001:db8::fffe'))]
  for (const client of clients) {
    if (client instanceof UdpClient) client.send(...calls)
    else client.socket.write(Buffer.concat(calls.map(encodeRecord)))
    await client.hears('1 ADD_SUCCESS', '2 ADD_SUCCESS')
  }
  expect(table.events).toEqual(
    ['127.0.0.1', '::1', '127.0.0.1', '::1'].flatMap((reporter) =>
      ['192.0.2.25', '2001:db8::fffe'].map((client) => ({ client, reporter, via: 'drac-rpc' })),
    ),
  )
})

test('a repeated datagram is answered again and written once; the same xid with other bytes or from elsewhere is a new call', async () => {
  const table = new Table()
  const front = await serve(table)
  const client = new UdpClient(front)
  client.send(add(1))
  await client.hears('1 ADD_SUCCESS')
  client.send(add(1), add(1))
  await client.hears('1 ADD_SUCCESS', '1 ADD_SUCCESS', '1 ADD_SUCCESS')
  expect(table.events).toHaveLength(1)
  client.send(add(1, parseAddress('192.0.2.26')))
  await expect.poll(() => table.events.length).toBe(2)
  const other = new UdpClient(front)
  other.send(add(1))
  await other.hears('1 ADD_SUCCESS')
  expect(table.events.map((event) => event.client)).toEqual(['192.0.2.25', '192.0.2.26', '192.0.2.25'])
})

test('repeated while the first is still being written, it is written once and each gets the answer', async () => {
  const table = new Table()
  let done = (_: AddResult): void => {}
  table.answer = () => new Promise((resolve) => (done = resolve))
  const client = new UdpClient(await serve(table))
  client.send(add(1), add(1), add(1))
  // The marker comes after the three: once it was heard of, so were they.
  client.send(add(2, CLIENT, { proc: 0, args: Buffer.alloc(0) }))
  await client.hears('2 null')
  expect(table.events).toHaveLength(1)
  done(table.added())
  await client.hears('1 ADD_SUCCESS', '1 ADD_SUCCESS', '1 ADD_SUCCESS', '2 null')
})

test.each([
  ['ADD_SYSERR', '1 ADD_SYSERR', () => Promise.reject(tempfail('DRAC_STORE_DOWN', 'no'))],
  ['ADD_SYSERR of a full table', '1 ADD_SYSERR', async () => ({ status: 'refused', reason: 'table-full' }) as const],
  ['ADD_PERM', '1 ADD_PERM', async () => ({ status: 'refused', reason: 'forwarding-portmapper' }) as const],
])('%s is not remembered: the same call again is asked again', async (_, answer, result) => {
  const table = new Table()
  table.answer = result
  const client = new UdpClient(await serve(table))
  client.send(add(1))
  await client.hears(answer)
  client.send(add(1))
  await client.hears(answer, answer)
  expect(table.events).toHaveLength(2)
})

test('nothing is answered from memory after a revocation, past the expiry, after forget(), or without trust', async () => {
  const table = new Table()
  const front = await serve(table)
  const client = new UdpClient(front)
  let answers: string[] = []
  const sendOnce = async (expected = '1 ADD_SUCCESS'): Promise<number> => {
    client.send(add(1))
    answers = [...answers, expected]
    await client.hears(...answers)
    return table.events.length
  }
  expect(await sendOnce()).toBe(1)
  expect(await sendOnce()).toBe(1)
  changes.publish({ type: 'revoked', authorization: {}, by: 'test' })
  expect(await sendOnce()).toBe(2)
  table.now = table.expiresAt + 1
  expect(await sendOnce()).toBe(3)
  table.now = 1_000
  expect(await sendOnce()).toBe(3)
  front.forget()
  expect(await sendOnce()).toBe(4)
  table.trusted = false
  expect(await sendOnce('1 ADD_PERM')).toBe(5)
})

test('revoked while it was being written: the answer is given but not remembered', async () => {
  const table = new Table()
  let done = (_: AddResult): void => {}
  table.answer = () => new Promise((resolve) => (done = resolve))
  const client = new UdpClient(await serve(table))
  client.send(add(1))
  await expect.poll(() => table.events.length).toBe(1)
  changes.publish({ type: 'revoked', authorization: {}, by: 'test' })
  done(table.added())
  await client.hears('1 ADD_SUCCESS')
  client.send(add(1))
  await expect.poll(() => table.events.length).toBe(2)
})

test('through a portmapper that forwards, UDP reports say so and TCP reports do not', async () => {
  const table = new Table()
  const front = await serve(table)
  const [udp, tcp] = [new UdpClient(front), new TcpClient(front)]
  front.setForwarded(true)
  udp.send(add(1))
  await udp.hears('1 ADD_SUCCESS')
  tcp.socket.write(encodeRecord(add(2)))
  await tcp.hears('2 ADD_SUCCESS')
  front.setForwarded(false)
  udp.send(add(1))
  await udp.hears('1 ADD_SUCCESS', '1 ADD_SUCCESS')
  expect(table.events.map((event) => event.forwardable ?? false)).toEqual([true, false, false])
})

test('while it is not known whether the portmapper forwards, UDP reports wait and other calls do not', async () => {
  const table = new Table()
  const front = await serve(table)
  const udp = new UdpClient(front)
  front.setForwarded(undefined)
  udp.send(add(1), add(2, CLIENT, { proc: 0, args: Buffer.alloc(0) }))
  await udp.hears('2 null')
  expect(table.events).toEqual([])
  front.setForwarded(true)
  await udp.hears('1 ADD_SUCCESS', '2 null')
  expect(table.events).toEqual([{ client: CLIENT, reporter: '127.0.0.1', via: 'drac-rpc', forwardable: true }])
})

test('a stranger over UDP hears ADD_PERM to an add and nothing else; refusals are published', async () => {
  const table = new Table()
  table.trusted = false
  const heard: unknown[] = []
  const listen = (message: unknown): unknown => heard.push(message)
  refused.subscribe(listen)
  open.push(() => refused.unsubscribe(listen))
  const client = new UdpClient(await serve(table))
  const nothing = Buffer.alloc(0)
  client.send(Buffer.from('noise'), add(1, CLIENT, { proc: 0, args: nothing }), add(2, CLIENT, { args: nothing }))
  client.send(add(3, CLIENT, { prog: 100_000 }), add(4, CLIENT, { vers: 9 }), add(5))
  await client.hears('5 ADD_PERM')
  expect(heard).toEqual([{ reporter: '127.0.0.1', client: CLIENT, reason: 'untrusted-reporter', via: 'drac-rpc' }])
})

test('a stranger over TCP: one record, ADD_PERM and the door', async () => {
  const table = new Table()
  table.trusted = false
  const front = await serve(table)
  const [asks, waits, noise] = [1, 2, 3].map(() => new TcpClient(front)) as [TcpClient, TcpClient, TcpClient]
  asks.socket.write(Buffer.concat([add(1), add(2)].map(encodeRecord)))
  noise.socket.write(encodeRecord(Buffer.from('noise')))
  await asks.ends()
  await noise.ends()
  await waits.ends()
  expect([asks.answers, noise.answers, waits.answers]).toEqual([['1 ADD_PERM'], [], []])
  expect(table.events).toHaveLength(1)
})

test('trust withdrawn while connected: ADD_PERM and the door', async () => {
  const table = new Table()
  const client = new TcpClient(await serve(table))
  client.socket.write(encodeRecord(add(1)))
  await client.hears('1 ADD_SUCCESS')
  table.trusted = false
  client.socket.write(encodeRecord(add(2)))
  await client.hears('1 ADD_SUCCESS', '2 ADD_PERM')
  await client.ends()
})

test('a thousand calls pipelined over one connection are all answered, though only some are in flight at once', async () => {
  const table = new Table()
  let inFlight = 0
  let most = 0
  table.answer = async () => {
    most = Math.max(most, ++inFlight)
    await new Promise((resolve) => setTimeout(resolve, 20))
    inFlight--
    return table.added()
  }
  const client = new TcpClient(await serve(table))
  const calls = Array.from({ length: 1_000 }, (_, i) => encodeRecord(add(i)))
  client.socket.end(Buffer.concat(calls))
  await client.hears(...calls.map((_, i) => `${i} ADD_SUCCESS`))
  await client.ends()
  expect(most).toBe(DRAC_RPC_LIMITS.inFlight)
})

test.each([
  ['no call', encodeRecord(Buffer.from('0123456789'))],
  ['a reply', encodeRecord(Buffer.from(add(1)).fill(1, 7, 8))],
  ['a record mark of 2 GiB', Buffer.from('ffffffff', 'hex')],
  ['17 empty fragments', Buffer.alloc(17 * 4)],
])('%s closes the connection, after what came before was answered', async (_, bytes) => {
  const client = new TcpClient(await serve(new Table()))
  client.socket.write(Buffer.concat([encodeRecord(add(7)), bytes]))
  await client.ends()
  expect(client.answers).toEqual(['7 ADD_SUCCESS'])
})

test('closing answers what was asked, over UDP and TCP, and hears nothing more', async () => {
  const table = new Table()
  const waiting: (() => void)[] = []
  table.answer = () => new Promise((resolve) => waiting.push(() => resolve(table.added())))
  const front = await serve(table)
  const [udp, tcp] = [new UdpClient(front), new TcpClient(front)]
  udp.send(add(1))
  tcp.socket.write(encodeRecord(add(2)))
  await expect.poll(() => waiting.length).toBe(2)
  const closed = front.close(20_000)
  udp.send(add(3))
  for (const answer of waiting) answer()
  await udp.hears('1 ADD_SUCCESS')
  await tcp.hears('2 ADD_SUCCESS')
  await closed
  expect(table.events).toHaveLength(2)
})

test('one endpoint that cannot be opened closes the others', async () => {
  const table = new Table()
  const front = await serve(table, ['tcp:127.0.0.1:0'])
  const { port } = front.endpoints[0] as InetEndpoint
  await expect(serve(table, ['udp:127.0.0.1:0', `tcp:127.0.0.1:${port}`])).rejects.toMatchObject({ kind: 'config' })
})

test('the limits hold for all TCP listeners together', async () => {
  const table = new Table()
  const limits = { ...DRAC_RPC_LIMITS, perSource: 2 }
  const front = await openDracRpc(['tcp:127.0.0.1:0', 'tcp:127.0.0.1:0'].map(parseEndpoint), table, {
    clock: () => table.now,
    lifetime: () => 1_800,
    limits,
  })
  open.push(() => front.close(0))
  const served: Socket[] = []
  for (const endpoint of [0, 1, 0, 1].map((i) => front.endpoints[i] as InetEndpoint)) {
    const socket = connect(endpoint.port, endpoint.address)
    open.push(() => socket.destroy())
    socket.on('error', () => {}).resume()
    served.push(socket)
    await once(socket, 'connect')
  }
  await expect.poll(() => served.filter((socket) => !socket.closed).length, { timeout: 10_000 }).toBe(2)
})
