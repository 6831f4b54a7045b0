// Finding the port: a fake portmapper on a free port, and servers that move.
import { afterEach, describe, expect, test } from 'vitest'
import { DracClient } from '../../src/client/drac-client.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { AddStat, DRACPROG } from '../../src/protocols/drac/add.ts'
import {
  AcceptStat,
  type Call,
  encodeAccepted,
  encodeProgMismatch,
  encodeSuccess,
} from '../../src/protocols/oncrpc/message.ts'
import { decodeRpcb, encodeAddr } from '../../src/protocols/portmap/rpcbind.ts'
import { formatUniversalAddress } from '../../src/protocols/portmap/universal-address.ts'
import { decodeMapping, encodePort, IPPROTO_TCP, IPPROTO_UDP, PMAP_PROG } from '../../src/protocols/portmap/v2.ts'
import { type Answer, closedPort, type FakeServer, fakeServer, noIPv6 } from './fake-dracd.ts'

const OK = { code: 0, message: 'the address may relay' }
const accept: Answer = ({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS)

const releases: (() => unknown)[] = []
afterEach(async () => {
  for (const release of releases.splice(0)) await release()
})
async function server(answer: Answer, address?: string): Promise<FakeServer> {
  const made = await fakeServer(answer, address)
  releases.push(() => made.close())
  return made
}
function client(portmapper: FakeServer | number, options: Partial<ConstructorParameters<typeof DracClient>[0]> = {}) {
  const portmapperPort = typeof portmapper === 'number' ? portmapper : portmapper.port
  const made = new DracClient({ hosts: '127.0.0.1', timeout: 10_000, portmapperPort, ...options })
  releases.push(() => made.close())
  return made
}

/** What is registered: `1/17` (version and protocol) or `2/udp6` to a port. */
type Registered = Record<string, number>

/** Speaks portmapper version 2, or the rpcbind versions given; `six` on ::1. */
function portmapper(registered: Registered, versions: readonly number[], questions: string[] = [], six = ''): Answer {
  return ({ call, transport }) => {
    expect(call.prog).toBe(PMAP_PROG)
    if (!versions.includes(call.vers)) {
      return encodeProgMismatch(call.xid, Math.min(...versions), Math.max(...versions))
    }
    const [key, answer] = call.vers === 2 ? getport(call, registered) : getaddr(call, registered, `${transport}${six}`)
    questions.push(`${transport} v${call.vers} ${key}`)
    return encodeSuccess(call.xid, answer)
  }
}
function getport({ args, proc }: Call, registered: Registered): [string, Buffer] {
  expect(proc).toBe(3)
  const { prog, vers, prot } = decodeMapping(args)
  expect(prog).toBe(DRACPROG)
  return [`${vers}/${prot}`, encodePort(registered[`${vers}/${prot}`] ?? 0)]
}
/** As rpcbind does: over which transport the question came counts, not what it names. */
function getaddr({ args, proc }: Call, registered: Registered, asked: string): [string, Buffer] {
  expect(proc).toBe(3)
  const { prog, vers, netid } = decodeRpcb(args)
  expect(prog).toBe(DRACPROG)
  expect(netid).toBe(asked)
  const port = registered[`${vers}/${asked}`]
  // Another host's address: a client that believed it would not come back.
  const addr = port ? formatUniversalAddress({ address: parseAddress('203.0.113.1'), port }) : ''
  return [`${vers}/${asked}`, encodeAddr(addr)]
}

/** A question may have been asked twice on a busy machine. */
const asked = (questions: readonly string[]): string[] => [...new Set(questions)]

describe.each([
  ['udp', IPPROTO_UDP],
  ['tcp', IPPROTO_TCP],
] as const)('%s', (transport, prot) => {
  test('an IPv4 host is asked with GETPORT over UDP, once for each version', async () => {
    const dracd = await server(accept)
    const questions: string[] = []
    const pmap = await server(portmapper({ [`1/${prot}`]: dracd.port, [`2/${prot}`]: dracd.port }, [2], questions))
    const drac = client(pmap, { transport })
    for (const userip of ['192.0.2.25', '192.0.2.26', '2001:db8::1', '2001:db8::2']) {
      expect(await drac.send(userip)).toEqual(OK)
    }
    expect(asked(questions)).toEqual([`udp v2 1/${prot}`, `udp v2 2/${prot}`])
    expect(new Set(pmap.calls.map(({ xid }) => xid)).size).toBe(2)
    expect(new Set(dracd.calls.map(({ xid }) => xid)).size).toBe(4)
  })

  test.skipIf(noIPv6)('an IPv6 host is asked with GETADDR, and only the port of the answer is used', async () => {
    const dracd = await server(accept, '::1')
    for (const versions of [[3, 4], [3]]) {
      const questions: string[] = []
      const pmap = await server(portmapper({ [`2/${transport}6`]: dracd.port }, versions, questions, '6'), '::1')
      expect(await client(pmap, { hosts: '::1', transport }).send('2001:db8::1')).toEqual(OK)
      expect(asked(questions)).toEqual([`${transport} v${versions.at(-1)} 2/${transport}6`])
    }
  })

  test('an IPv4 host without version 2 is asked with GETADDR', async () => {
    const dracd = await server(accept)
    const pmap = await server(portmapper({ [`1/${transport}`]: dracd.port }, [3, 4]))
    expect(await client(pmap, { transport }).send('192.0.2.25')).toEqual(OK)
  })

  test.skipIf(noIPv6)('an IPv6 host with version 2 alone is asked with GETPORT', async () => {
    const dracd = await server(accept, '::1')
    const pmap = await server(portmapper({ [`1/${prot}`]: dracd.port }, [2], [], '6'), '::1')
    expect(await client(pmap, { hosts: '::1', transport }).send('192.0.2.25')).toEqual(OK)
  })

  test('not registered, no portmapper, a silent one and one that lies are no connection', async () => {
    const codes = async (answer: Answer, timeout = 10_000) =>
      (await client(await server(answer), { transport, timeout }).send('192.0.2.25')).code
    expect(await codes(portmapper({}, [2, 3, 4]))).toBe(-1)
    expect(await codes(portmapper({ [`2/${prot}`]: 9 }, [2]))).toBe(-1)
    expect(await codes(portmapper({ [`1/${prot}`]: 70_000 }, [2]))).toBe(-1)
    expect(await codes(portmapper({}, [5]))).toBe(-1)
    expect(await codes(({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS))).toBe(-1)
    expect(await codes(() => undefined, 300)).toBe(-1)
    expect((await client(await closedPort(), { transport }).send('192.0.2.25')).code).toBe(-1)
  })

  test('a server that restarted on another port is found by asking again, within the same report', async () => {
    const registered: Registered = {}
    const pmap = await server(portmapper(registered, [2]))
    const drac = client(pmap, { transport })
    expect((await drac.send('192.0.2.25')).code).toBe(-1)
    const first = await server(accept)
    registered[`1/${prot}`] = first.port
    expect(await drac.send('192.0.2.25')).toEqual(OK)
    await first.close()
    releases.pop()
    const second = await server(accept)
    registered[`1/${prot}`] = second.port
    expect(await drac.send('192.0.2.25')).toEqual(OK)
    expect(second.calls.length).toBeGreaterThan(0)
  })

  test('after a call without an answer the portmapper is asked again', async () => {
    const silent = await server(() => undefined)
    const dracd = await server(accept)
    const registered: Registered = { [`1/${prot}`]: silent.port }
    const drac = client(await server(portmapper(registered, [2])), { transport, timeout: 2000 })
    expect((await drac.send('192.0.2.25')).code).toBe(-2)
    registered[`1/${prot}`] = dracd.port
    expect(await drac.send('192.0.2.25')).toEqual(OK)
  })

  test('connect says whether the version is registered', async () => {
    const dracd = await server(accept)
    const drac = client(await server(portmapper({ [`1/${prot}`]: dracd.port }, [2])), { transport })
    expect(await drac.connect(1)).toEqual({ code: 0, message: 'connected' })
    expect(await drac.connect(2)).toMatchObject({ code: -1 })
    expect(dracd.calls).toHaveLength(0)
  })
})

test('over TCP, a portmapper that UDP does not reach is asked over TCP', async () => {
  const dracd = await server(accept)
  const over = portmapper({ [`1/${IPPROTO_TCP}`]: dracd.port }, [2])
  const pmap = await server((ask, count) => (ask.transport === 'udp' ? undefined : over(ask, count)))
  expect(await client(pmap, { transport: 'tcp', timeout: 4000 }).send('192.0.2.25')).toEqual(OK)
})

test('a host with a port is not looked up', async () => {
  const dracd = await server(accept)
  const pmap = await server(portmapper({}, [2]))
  expect(await client(pmap, { hosts: `127.0.0.1:${dracd.port}` }).send('192.0.2.25')).toEqual(OK)
  expect(pmap.calls).toHaveLength(0)
})

test.skipIf(noIPv6)('an IPv6 host whose portmapper listens on UDP alone is asked for TCP with GETPORT', async () => {
  const dracd = await server(accept, '::1')
  const over = portmapper({ [`1/${IPPROTO_TCP}`]: dracd.port }, [2], [], '6')
  const pmap = await server((ask, count) => {
    if (ask.transport === 'udp') return over(ask, count)
    ask.hangUp()
    return undefined
  }, '::1')
  expect(await client(pmap, { hosts: '::1', transport: 'tcp' }).send('192.0.2.25')).toEqual(OK)
})
