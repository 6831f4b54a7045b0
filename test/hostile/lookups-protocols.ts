// Every look-up protocol as hostile peers see it: how to open it, a question for one who may relay and for one who may not.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import dnsPacket from 'dns-packet'
import type { Lookups, Users } from '../../src/core/lookups.ts'
import { openDnsList } from '../../src/lookups/dns-list/listener.ts'
import { openPolicy } from '../../src/lookups/postfix-policy/listener.ts'
import { openReadsocket } from '../../src/lookups/readsocket/listener.ts'
import { openSocketmap } from '../../src/lookups/socketmap/listener.ts'
import { openTcpTable } from '../../src/lookups/tcp-table/listener.ts'
import { openWhoson } from '../../src/lookups/whoson/listener.ts'
import { type Endpoint, parseEndpoint } from '../../src/net/endpoint.ts'
import type { StreamLimits } from '../../src/net/limits.ts'
import { MTA_LIMITS } from '../../src/net/mta-limits.ts'
import { frame } from '../../src/protocols/dns-list/message-reader.ts'

const MAY = new Set(['192.0.2.5', '2001:db8::5'])
export const UNTIL = 1_790_000_000
/** 192.0.2.5 and 2001:db8::5 may relay; the store fails for 192.0.2.9. */
export const table: Lookups & Users = {
  lookup(client) {
    if ((client as string) === '192.0.2.9') throw new Error('the store is down')
    if (!MAY.has(client)) return { action: 'dunno' }
    const authorization = { key: client as never, expiresAt: UNTIL, firstSeen: 1, lastSeen: 1, source: 'test' }
    return { action: 'permit', authorization }
  },
  logins: () => [{ user: 'alice', source: 'test', lastSeen: 1 }],
}

interface Opened {
  readonly endpoint: Endpoint
  close(drainMs?: number): Promise<void>
}

export interface Protocol {
  readonly name: string
  open(endpoint: Endpoint, limits: StreamLimits): Promise<Opened>
  /** The request for an IPv4 address, as bytes of a stream. */
  ask(address: string): Buffer
  readonly permit: Buffer
  readonly dunno: Buffer
  /** A beginning that no request has: nothing after it can be understood. */
  readonly poison: Buffer
  /** Ended by the server after its first answer. */
  readonly oneRequest?: true
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const dnsName = (address: string): string => `${address.split('.').reverse().join('.')}.drac.invalid`
export const dnsQuery = (name: string, type = 'A'): Buffer =>
  dnsPacket.encode({ id: 7, type: 'query', flags: 0x100, questions: [{ name, type, class: 'IN' }] })
/** The response without what it repeats of the query. */
const dnsResponse = (address: string, rcode: number, rest: string): Buffer => {
  const query = dnsQuery(dnsName(address))
  query.writeUInt16BE(0x8500 | rcode, 2)
  query.writeUInt16BE(1, rcode === 0 ? 6 : 8)
  return frame(Buffer.concat([query, Buffer.from(rest, 'hex')]))
}
const SOA_TIMERS = '00000001 00000e10 000004b0 00093a80 00000000'.replaceAll(' ', '')
const SOA_NAMES = `046472616307696e76616c696400${'066e6f626f647907696e76616c696400'}`

export const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'socketmap',
    open: (endpoint, limits) => openSocketmap(endpoint, table, {}, limits),
    ask: (address) => text(`${5 + address.length}:drac ${address},`),
    permit: text('5:OK OK,'),
    dunno: text('9:NOTFOUND ,'),
    poison: text('4097:'),
  },
  {
    name: 'tcp_table',
    open: (endpoint, limits) => openTcpTable(endpoint, table, {}, limits),
    ask: (address) => text(`get ${address}\n`),
    permit: text('200 OK\n'),
    dunno: text('500 not found\n'),
    poison: text('get 192.0.2.5'.padEnd(4096, ' ')),
  },
  {
    name: 'policy',
    open: (endpoint, streamLimits) => openPolicy(endpoint, table, { streamLimits }),
    ask: (address) => text(`request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=${address}\n\n`),
    permit: text('action=OK\n\n'),
    dunno: text('action=DUNNO\n\n'),
    poison: text('request=junk\nprotocol_state=RCPT\nclient_address=192.0.2.5\n\n'),
  },
  {
    name: 'readsocket',
    open: (endpoint, limits) => openReadsocket(endpoint, table, {}, limits),
    ask: (address) => text(`check ${address}\n`),
    permit: text('yes\n'),
    dunno: text('no\n'),
    poison: text('check 192.0.2.5'.padEnd(256, ' ')),
    oneRequest: true,
  },
  {
    name: 'dns_list',
    open: (endpoint, limits) => openDnsList(endpoint, table, { limits }),
    ask: (address) => frame(dnsQuery(dnsName(address))),
    permit: dnsResponse('192.0.2.5', 0, `c00c00010001${'00000000'}0004${'7f000002'}`),
    dunno: dnsResponse('192.0.2.6', 3, `c01600060001${'00000000'}0032${SOA_NAMES}${SOA_TIMERS}`),
    poison: Buffer.from([0xff, 0xff]),
  },
  {
    name: 'whoson',
    open: (endpoint, limits) => openWhoson(endpoint, table, { limits }),
    ask: (address) => text(`QUERY ${address}\r\n\r\n`),
    permit: text('+alice\r\n\r\n'),
    dunno: text('-Not Logged in\r\n\r\n'),
    poison: text('QUERY 192.0.2.5'.padEnd(1024, ' ')),
  },
]

/** Opens listeners and remembers what has to be closed. */
export class Served {
  readonly #closers: (() => unknown)[] = []

  async open(protocol: Protocol, transport: 'tcp' | 'unix', limits: Partial<StreamLimits> = {}): Promise<Endpoint> {
    const opened = await protocol.open(this.endpoint(transport), { ...MTA_LIMITS, ...limits })
    this.later(() => opened.close(0))
    return opened.endpoint
  }

  endpoint(transport: 'tcp' | 'udp' | 'unix'): Endpoint {
    if (transport !== 'unix') return parseEndpoint(`${transport}:127.0.0.1:0`)
    const folder = mkdtempSync(join(tmpdir(), 'drac-lookups-'))
    this.later(() => rmSync(folder, { recursive: true, force: true }))
    return parseEndpoint(`unix:${folder}/s`)
  }

  later(close: () => unknown): void {
    this.#closers.push(close)
  }

  /** In the opposite order of opening. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
  }
}
