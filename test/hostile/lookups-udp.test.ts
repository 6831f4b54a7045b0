// Look-ups over UDP: hostile datagrams, and a real resolver.
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { openDnsList } from '../../src/lookups/dns-list/listener.ts'
import { openWhoson } from '../../src/lookups/whoson/listener.ts'
import type { InetEndpoint } from '../../src/net/endpoint.ts'
import { PROTOCOLS, Served, table, UNTIL } from './lookups-protocols.ts'

const served = new Served()
afterEach(() => served.close())

async function client(endpoint: InetEndpoint): Promise<{ socket: Socket; heard: Buffer[] }> {
  const socket = createSocket('udp4')
  const heard: Buffer[] = []
  socket.on('message', (bytes) => heard.push(bytes))
  served.later(() => new Promise<void>((resolve) => socket.close(resolve)))
  socket.connect(endpoint.port, endpoint.address)
  await once(socket, 'connect')
  return { socket, heard }
}

async function open(name: 'dns_list' | 'whoson'): Promise<InetEndpoint> {
  const endpoint = served.endpoint('udp')
  const opened = await (name === 'whoson' ? openWhoson(endpoint, table) : openDnsList(endpoint, table))
  served.later(() => opened.close())
  return opened.endpoint as InetEndpoint
}

/** Sends until it is answered: datagrams get lost when the machine is busy. */
async function ask(endpoint: InetEndpoint, request: Buffer): Promise<Buffer> {
  const { socket, heard } = await client(endpoint)
  await expect
    .poll(
      () => {
        socket.send(request)
        return heard.length
      },
      { timeout: 20_000, interval: 100 },
    )
    .toBeGreaterThan(0)
  return heard[0]!
}

const dns = PROTOCOLS.find(({ name }) => name === 'dns_list')!
const SILENT = {
  dns_list: [Buffer.alloc(0), Buffer.alloc(11), dns.permit.subarray(2)],
  whoson: ['', '\r\n', '+alice', '-', '*x'].map((text) => Buffer.from(text)),
}

test.each(['dns_list', 'whoson'] as const)(
  '%s: answers leave, silence where an answer could go in circles',
  async (name) => {
    const endpoint = await open(name)
    const protocol = PROTOCOLS.find((each) => each.name === name)!
    const unframed = (bytes: Buffer): Buffer => (name === 'dns_list' ? bytes.subarray(2) : bytes)
    const { socket, heard } = await client(endpoint)
    for (const bytes of SILENT[name]) socket.send(bytes)
    for (const [address, answer] of [['192.0.2.5', protocol.permit] as const, ['192.0.2.6', protocol.dunno] as const]) {
      expect(await ask(endpoint, unframed(protocol.ask(address)))).toEqual(unframed(answer))
    }
    // The server reads in order: what it had from this socket came before, and was not answered.
    expect(heard).toEqual([])
  },
)

test.each(['dns_list', 'whoson'] as const)(
  '%s: random datagrams permit nobody, and the next one is answered',
  async (name) => {
    const endpoint = await open(name)
    const protocol = PROTOCOLS.find((each) => each.name === name)!
    const unframed = (bytes: Buffer): Buffer => (name === 'dns_list' ? bytes.subarray(2) : bytes)
    const { socket, heard } = await client(endpoint)
    for (let size = 0; size < 2_000; size += 17) {
      socket.send(randomBytes(size))
      if (size % 170 === 0) await new Promise(setImmediate)
    }
    expect(await ask(endpoint, unframed(protocol.ask('192.0.2.5')))).toEqual(unframed(protocol.permit))
    const listed = name === 'dns_list' ? '\x7f\0\0\x02' : '+alice'
    for (const bytes of heard) expect(bytes.toString('latin1')).not.toContain(listed)
  },
)

test('a resolver (c-ares) reads every answer', async () => {
  const endpoint = await open('dns_list')
  const resolver = new Resolver({ timeout: 5_000, tries: 4 })
  resolver.setServers([`${endpoint.address}:${endpoint.port}`])
  const v6 = `5${'.0'.repeat(23)}.8.b.d.0.1.0.0.2`
  expect(await resolver.resolve4('5.2.0.192.DRAC.invalid')).toEqual(['127.0.0.2'])
  expect(await resolver.resolve4(`${v6}.drac.invalid`)).toEqual(['127.0.0.2'])
  expect(await resolver.resolveTxt('5.2.0.192.drac.invalid')).toEqual([['2026-09-21T14:13:20Z']])
  expect(new Date(UNTIL * 1000).toISOString()).toBe('2026-09-21T14:13:20.000Z')
  expect(await resolver.resolveSoa('drac.invalid')).toMatchObject({ nsname: 'drac.invalid', minttl: 0 })
  await expect(resolver.resolve4('6.2.0.192.drac.invalid')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(resolver.resolve6('5.2.0.192.drac.invalid')).rejects.toMatchObject({ code: 'ENODATA' })
  await expect(resolver.resolve4('9.2.0.192.drac.invalid')).rejects.toMatchObject({ code: 'ESERVFAIL' })
  await expect(resolver.resolve4('example.org')).rejects.toMatchObject({ code: 'EREFUSED' })
})

test('a zone that is no zone, and a protocol without UDP, refuse to open', async () => {
  await expect(openDnsList(served.endpoint('udp'), table, { zone: 'a..b' })).rejects.toMatchObject({ kind: 'config' })
  for (const { name, open: openOne } of PROTOCOLS) {
    if (name === 'whoson' || name === 'dns_list') continue
    await expect(openOne(served.endpoint('udp'), {} as never)).rejects.toMatchObject({ code: 'DRAC_LISTEN' })
  }
})
