// WHOSON in both directions on real sockets, with the real relay table behind them.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RelayTable } from '../../src/core/relay-table.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { openWhoson, WHOSON_LIMITS } from '../../src/lookups/whoson/listener.ts'
import type { Endpoint, InetEndpoint } from '../../src/net/endpoint.ts'
import { WhosonLogins } from '../../src/reports/whoson/logins.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { peer } from './lookups-peer.ts'
import { Served } from './lookups-protocols.ts'

const PATIENT = { timeout: 20_000, interval: 5 }
const TRANSPORTS = ['udp', 'tcp', 'unix'] as const
const served = new Served()
afterEach(() => served.close())

/** A store whose writes wait until they are let go. */
class SlowStore extends MemoryStore {
  #gate: Promise<void> | undefined
  letGo: () => void = () => {}

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.letGo = () => {
        this.#gate = undefined
        resolve()
      }
    })
  }

  override async put(put: Parameters<MemoryStore['put']>[0]): ReturnType<MemoryStore['put']> {
    const result = await super.put(put)
    await this.#gate
    return result
  }
}

let store: SlowStore
let table: RelayTable
beforeEach(() => {
  store = new SlowStore()
  table = new RelayTable(
    store,
    {
      lifetime: 1800,
      maxLifetime: 86_400,
      ipv4Prefix: 32,
      ipv6Prefix: 128,
      trustedClients: trustNetworks([parsePrefix('127.0.0.1')]),
      exemptNetworks: new PrefixSet([parsePrefix('198.51.100.0/24')]),
      sessionLease: 21_600,
      maxSession: 86_400,
      shared: { users: 0, window: 86_400, lifetime: 0 },
      ownAddresses: () => new Set(),
    },
    () => 1_790_000_000,
  )
})
const may = (client: string): boolean => table.lookup(parseAddress(client)).action === 'permit'

async function open(transport: (typeof TRANSPORTS)[number], takesLogins = true): Promise<Endpoint> {
  const logins = takesLogins ? new WhosonLogins(table, () => store.count()) : undefined
  const opened = await openWhoson(served.endpoint(transport), table, {
    logins,
    limits: { ...WHOSON_LIMITS, messageMs: 1_000 },
  })
  served.later(() => opened.close())
  return opened.endpoint
}

async function udp({ address, port }: InetEndpoint, from?: string): Promise<{ socket: Socket; heard: string[] }> {
  const socket = createSocket('udp4')
  const heard: string[] = []
  socket.on('message', (bytes) => heard.push(String(bytes)))
  served.later(() => new Promise<void>((resolve) => socket.close(resolve)))
  if (from !== undefined) {
    socket.bind({ address: from })
    await once(socket, 'listening')
  }
  socket.connect(port, address)
  await once(socket, 'connect')
  return { socket, heard }
}

/** One client: what it asks goes over one socket, in order, and each question waits for its answer. */
async function client(endpoint: Endpoint, from?: string): Promise<(line: string) => Promise<string>> {
  if (endpoint.transport === 'udp') {
    const { socket, heard } = await udp(endpoint, from)
    return async (line) => {
      const before = heard.length
      socket.send(`${line}\r\n\r\n`)
      await expect.poll(() => heard.length, PATIENT).toBeGreaterThan(before)
      return heard.at(-1)!.trimEnd()
    }
  }
  const socket =
    endpoint.transport === 'unix'
      ? connect(endpoint.path)
      : connect({ host: endpoint.address, port: endpoint.port, ...(from === undefined ? {} : { localAddress: from }) })
  let heard = ''
  socket.setEncoding('utf8').on('data', (text) => {
    heard += text
  })
  served.later(() => socket.destroy())
  return async (line) => {
    heard = ''
    socket.write(`${line}\r\n\r\n`)
    await expect.poll(() => heard.endsWith('\r\n\r\n'), PATIENT).toBe(true)
    return heard.trimEnd()
  }
}

/** What gowhoson's own test says and expects of each of its transports, in its order. */
const GOWHOSON: readonly (readonly [string, string])[] = [
  ['LOGIN 1.1.1 TESTSTRING', '*command parse error'],
  ['LOGIN 1.1.1.1 TESTSTRING', '+LOGIN OK'],
  ['QUERY 1.1.1.1', '+TESTSTRING'],
  ['QUERY 1.1.1.2', '-Not Logged in'],
  ['LOGOUT 1.1.1.1', '+LOGOUT record deleted'],
  ['LOGOUT 1.1.1.1', '+LOGOUT no such record, nothing done'],
  ['QUERY 1.1.1.1', '-Not Logged in'],
]

describe.each(TRANSPORTS)('over %s', (transport) => {
  test("gowhoson's transcript, twice", async () => {
    const ask = await client(await open(transport))
    for (const [request, reply] of [...GOWHOSON, ...GOWHOSON])
      expect([request, await ask(request)]).toEqual([request, reply])
    expect(await ask('QUIT')).toBe('+QUIT OK')
  })

  test('what one says in any spelling another may ask in any other; the latest identity counts', async () => {
    const endpoint = await open(transport)
    const [popd, mta] = [await client(endpoint), await client(endpoint)]
    expect(await popd('login ::ffff:192.0.2.5 alice')).toBe('+LOGIN OK')
    expect(await mta('QUERY 192.0.2.5')).toBe('+alice')
    expect(await popd('Login 2001:DB8:0::5 bob @ home')).toBe('+LOGIN OK')
    expect(await mta('QUERY [2001:db8::5]')).toBe('+bob @ home')
    expect(await popd('LOGIN 192.0.2.6')).toBe('+LOGIN OK')
    expect(await mta('QUERY 192.0.2.6')).toBe('+drac')
    expect(await popd('LOGOUT ::FFFF:192.0.2.5')).toBe('+LOGOUT record deleted')
    expect(may('192.0.2.5')).toBe(false)
    expect((await popd('LIST')).split('\r\n')).toEqual(['+entries 2', 'logins 3', 'logouts 1', 'denied 0'])
  })

  test('without logins = true nothing is taken', async () => {
    const ask = await client(await open(transport, false))
    expect(await ask('LOGIN 192.0.2.5 alice')).toBe('*logins are not taken here')
    expect(await ask('LOGOUT 192.0.2.5')).toBe('*logins are not taken here')
    expect(await ask('LIST')).toBe('*command not found')
    expect(store.count()).toBe(0)
  })

  test('addresses that nobody may have, and exempt ones: success, and nothing stored', async () => {
    const ask = await client(await open(transport))
    for (const address of ['127.0.0.1', '127.0.0.9', '::1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '198.51.100.7'])
      expect([address, await ask(`LOGIN ${address} alice`)]).toEqual([address, '+LOGIN OK'])
    expect(await ask('QUERY 198.51.100.7')).toBe('-Not Logged in')
    expect(await ask('LOGOUT 198.51.100.7')).toBe('+LOGOUT no such record, nothing done')
    expect(store.count()).toBe(0)
  })

  test('an identity is one line whatever is in it, and can forge no reply', async () => {
    const endpoint = await open(transport)
    const ask = await client(endpoint)
    expect(await ask('LOGIN 192.0.2.5 a\u0000b\u001b[31m\u0085+LOGIN OK')).toBe('+LOGIN OK')
    expect(await ask('QUERY 192.0.2.5')).toBe('+a?b?[31m?+LOGIN OK')
    // In a stream a bare CR is part of the line; a datagram ends there.
    expect(await ask('LOGIN 192.0.2.5 eve\r+QUIT OK')).toBe('+LOGIN OK')
    expect(table.logins('192.0.2.5' as never).map(({ user }) => user)).toContain(
      transport === 'udp' ? 'eve' : 'eve?+QUIT OK',
    )
  })

  test('store trouble is "try again later", and permits nobody', async () => {
    const ask = await client(await open(transport))
    store.goDown('no disk')
    for (const request of ['LOGIN 192.0.2.5 alice', 'LOGOUT 192.0.2.5', 'LIST', 'QUERY 192.0.2.5'])
      expect(await ask(request)).toMatch(/^\*.*try again later$/)
    store.comeUp()
    expect(await ask('QUERY 192.0.2.5')).toBe('-Not Logged in')
    expect(await ask('LOGIN 192.0.2.5 alice')).toBe('+LOGIN OK')
  })

  test('the answer to LOGIN comes when it is stored; others are served meanwhile', async () => {
    const endpoint = await open(transport)
    const [popd, mta] = [await client(endpoint), await client(endpoint)]
    store.hold()
    let answered = false
    const login = popd('LOGIN 192.0.2.5 alice').finally(() => {
      answered = true
    })
    await expect.poll(() => store.count(), PATIENT).toBe(1)
    expect(await mta('QUERY 192.0.2.6')).toBe('-Not Logged in')
    expect(answered).toBe(false)
    store.letGo()
    expect(await login).toBe('+LOGIN OK')
  })
})

test.each(['udp', 'tcp'] as const)(
  'over %s a host that is not trusted is denied, and may still ask',
  async (transport) => {
    const endpoint = await open(transport)
    const [stranger, popd] = [await client(endpoint, '127.0.0.2'), await client(endpoint)]
    expect(await popd('LOGIN 192.0.2.5 alice')).toBe('+LOGIN OK')
    for (const request of ['LOGIN 192.0.2.66 eve', 'LOGOUT 192.0.2.5', 'LIST'])
      expect(await stranger(request)).toBe('*Access denied')
    expect(await stranger('QUERY 192.0.2.5')).toBe('+alice')
    expect([may('192.0.2.66'), may('192.0.2.5')]).toEqual([false, true])
    expect(table.counters.refused['untrusted-reporter']).toBe(1)
  },
)

test("one reporter's LOGOUT takes nothing of another's LOGIN, nor of another kind of report", async () => {
  const [overTcp, overUnix] = [await client(await open('tcp')), await client(await open('unix'))]
  const report = { client: parseAddress('192.0.2.7'), reporter: parseAddress('127.0.0.1'), via: 'drac-rpc' }
  expect(await overTcp('LOGIN 192.0.2.5 alice')).toBe('+LOGIN OK')
  expect(await overUnix('LOGOUT 192.0.2.5')).toBe('+LOGOUT no such record, nothing done')
  expect(may('192.0.2.5')).toBe(true)
  await table.add(report)
  expect(await overTcp('LOGOUT 192.0.2.7')).toBe('+LOGOUT no such record, nothing done')
  expect(await overTcp('LOGIN 192.0.2.7 alice')).toBe('+LOGIN OK')
  expect(await overTcp('LOGOUT 192.0.2.7')).toBe('+LOGOUT record deleted')
  expect(may('192.0.2.7')).toBe(true)
})

test.each(['tcp', 'unix'] as const)(
  'over %s: answers in the order of the questions, in any chunking',
  async (transport) => {
    const endpoint = await open(transport)
    const asked = Buffer.from([...GOWHOSON, ...GOWHOSON].map(([request]) => `${request}\r\n\r\n`).join(''))
    const answers = [...GOWHOSON, ...GOWHOSON].map(([, reply]) => `${reply}\r\n\r\n`).join('')
    for (const size of [1, 13, asked.length]) {
      const { socket, heard } = peer(served, endpoint)
      for (let at = 0; at < asked.length; at += size) {
        socket.write(asked.subarray(at, at + size))
        await new Promise(setImmediate)
      }
      await expect.poll(heard, PATIENT).toBe(answers)
      socket.destroy()
    }
  },
)

test('a peer that says everything and hangs up its half has every answer, then the end', async () => {
  const { socket, heard, closed } = peer(served, await open('tcp'))
  socket.end('LOGIN 192.0.2.5 alice\nQUERY 192.0.2.5\n\nLOGOUT 192.0.2.5\nLOGIN 192.0.2.5 bob')
  await expect.poll(closed, PATIENT).toBe(true)
  expect(heard()).toBe('+LOGIN OK\r\n\r\n+alice\r\n\r\n+LOGOUT record deleted\r\n\r\n')
  expect(may('192.0.2.5')).toBe(false)
})

test('every truncation of a request takes no login of another address', async () => {
  const line = 'LOGIN 192.0.2.50 alice'
  const endpoint = (await open('udp')) as InetEndpoint
  const ask = await client(endpoint)
  for (let length = 1; length < line.length; length++) {
    const reply = await ask(line.slice(0, length))
    // Cut inside the address it is the shorter address, as with any text protocol: that one, and no other.
    if (reply === '+LOGIN OK') expect(length).toBeGreaterThanOrEqual('LOGIN 192.0.2.5'.length)
    else expect(reply).toMatch(/^\*command (not found|parse error)$/)
  }
  expect([...store.list({})].map(({ key }) => key)).toEqual(['192.0.2.5', '192.0.2.50'])
  const half = peer(served, await open('tcp'))
  half.socket.end('LOGIN 192.0.2.51 alice')
  await expect.poll(half.closed, PATIENT).toBe(true)
  expect([half.heard(), may('192.0.2.51')]).toEqual(['', false])
})

test('a datagram that is sent again before its answer has one answer; after it, it is done again', async () => {
  const { socket, heard } = await udp((await open('udp')) as InetEndpoint)
  store.hold()
  for (let copies = 0; copies < 5; copies++) socket.send('LOGIN 192.0.2.5 alice\r\n\r\n')
  await expect.poll(() => store.count(), PATIENT).toBe(1)
  // Answered after the five before it, and at once.
  socket.send('QUERY 192.0.2.6\r\n\r\n')
  await expect.poll(() => heard, PATIENT).toEqual(['-Not Logged in\r\n\r\n'])
  store.letGo()
  await expect.poll(() => heard.length, PATIENT).toBe(2)
  socket.send('LOGIN 192.0.2.5 alice\r\n\r\n')
  await expect.poll(() => heard, PATIENT).toEqual(['-Not Logged in\r\n\r\n', ...Array(2).fill('+LOGIN OK\r\n\r\n')])
  expect(table.counters).toMatchObject({ added: 1, renewed: 1 })
})

test('more logins than may wait are dropped, not remembered; the next is served', async () => {
  const endpoint = (await open('udp')) as InetEndpoint
  const { socket, heard } = await udp(endpoint)
  store.hold()
  for (let i = 0; i < 3_000; i++) {
    socket.send(`LOGIN 10.0.${i >> 8}.${i & 255} u\r\n\r\n`)
    if (i % 50 === 49) await new Promise(setImmediate)
  }
  // Answered after all of them: none is on its way any more.
  await expect.poll(() => heard.length > 0 || void socket.send('QUERY 192.0.2.6\r\n\r\n'), PATIENT).toBe(true)
  expect(store.count()).toBe(1_024)
  store.letGo()
  // So many answers at once are more than the socket of a client holds.
  await expect.poll(() => heard, PATIENT).toContain('+LOGIN OK\r\n\r\n')
  expect(await (await client(endpoint))('LOGIN 192.0.2.5 alice')).toBe('+LOGIN OK')
})

test('hostile peers beside a good one', async () => {
  const [tcp, datagrams] = [await open('tcp'), (await open('udp')) as InetEndpoint]
  const bad = ['LOGIN ', 'x'.repeat(5_000), '\0'.repeat(900), `LOGIN ${'1'.repeat(900)}`, '+LOGIN OK\r\n\r\n'].map(
    (text) => {
      const one = peer(served, tcp)
      one.socket.write(text)
      return one
    },
  )
  const { socket, heard } = await udp(datagrams, '127.0.0.2')
  for (const text of ['', '+LOGIN OK', '*Access denied', '-', 'LOGIN', 'LOGIN 192.0.2.66 eve']) socket.send(text)
  const good = [await client(tcp), await client(datagrams)]
  for (const ask of good) {
    for (const [request, reply] of GOWHOSON) expect(await ask(request)).toBe(reply)
  }
  await expect.poll(() => heard, PATIENT).toEqual(['*command parse error\r\n\r\n', '*Access denied\r\n\r\n'])
  await expect.poll(() => bad.filter(({ closed }) => closed()).length, PATIENT).toBe(4)
  expect(store.count()).toBe(0)
})

test('a listener that closes answers what it owes', async () => {
  const logins = new WhosonLogins(table, () => store.count())
  const [tcp, datagrams] = await Promise.all(
    (['tcp', 'udp'] as const).map((transport) => openWhoson(served.endpoint(transport), table, { logins })),
  )
  const { socket, heard } = peer(served, tcp!.endpoint)
  const overUdp = await udp(datagrams!.endpoint as InetEndpoint)
  store.hold()
  socket.write('LOGIN 192.0.2.5 alice\r\n\r\nLOGIN 192.0.2.6 alice\r\n\r\n')
  overUdp.socket.send('LOGIN 192.0.2.7 alice\r\n\r\n')
  await expect.poll(() => store.count(), PATIENT).toBe(2)
  const closing = Promise.all([tcp!.close(), datagrams!.close()])
  store.letGo()
  await closing
  await expect.poll(() => [heard(), ...overUdp.heard], PATIENT).toEqual(['+LOGIN OK\r\n\r\n', '+LOGIN OK\r\n\r\n'])
  expect(may('192.0.2.6')).toBe(false)
})

test('no unix socket of a service manager takes logins: its mode was not ours to choose', async () => {
  const logins = new WhosonLogins(table, () => 0)
  const endpoint: Endpoint = { transport: 'unix', path: '/run/drac/whoson.sock', fd: 99 }
  await expect(openWhoson(endpoint, table, { logins })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringContaining('take it out of the socket unit'),
  })
})
