// The client against a server that is good, slow, lossy, lying or dead.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { DracClient, type DracClientOptions } from '../../src/client/drac-client.ts'
import { AddStat, DRACVERS, DRACVERS6, decodeAdd } from '../../src/protocols/drac/add.ts'
import { AUTH_NONE, decodeAuthSys, encodeAuthSys } from '../../src/protocols/oncrpc/auth.ts'
import {
  AcceptStat,
  type Call,
  encodeAccepted,
  encodeAuthError,
  encodeProgMismatch,
  encodeRpcMismatch,
} from '../../src/protocols/oncrpc/message.ts'
import { encodeRecord } from '../../src/protocols/oncrpc/record-marking.ts'
import { type Answer, closedPort, type FakeServer, fakeServer, noIPv6 } from './fake-dracd.ts'

const CLIENT = '192.0.2.25'
const OK = { code: 0, message: 'the address may relay' }
const accept: Answer = ({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS)

const releases: (() => unknown)[] = []
afterEach(async () => {
  for (const release of releases.splice(0)) await release()
})
async function server(answer: Answer, address?: string, port?: number): Promise<FakeServer> {
  const made = await fakeServer(answer, address, port)
  releases.push(() => made.close())
  return made
}
/** Ten seconds unless the test is about the timeout: a busy machine must not decide. */
function client(port: number | undefined, options: Partial<DracClientOptions> = {}): DracClient {
  const made = new DracClient({ hosts: '127.0.0.1', timeout: 10_000, ...(port ? { port } : {}), ...options })
  releases.push(() => made.close())
  return made
}
/** Different calls: on a busy machine a datagram may have been sent again. */
const distinct = (calls: readonly Call[]): number => new Set(calls.map(({ xid }) => xid)).size
const addressIn = ({ vers, args }: Call): string => decodeAdd(vers, args)

describe.each(['udp', 'tcp'] as const)('%s', (transport) => {
  test.each([
    [CLIENT, DRACVERS, CLIENT],
    ['2001:DB8:0::FFFE', DRACVERS6, '2001:db8::fffe'],
    ['::ffff:192.0.2.25', DRACVERS, CLIENT],
    [Uint8Array.of(192, 0, 2, 25), DRACVERS, CLIENT],
    [Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), DRACVERS6, '2001:db8::fffe'],
    [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 25), DRACVERS, CLIENT],
  ])('%s goes as version %i', async (userip, vers, address) => {
    const { port, calls } = await server(accept)
    expect(await client(port, { transport }).send(userip)).toEqual(OK)
    expect(distinct(calls)).toBe(1)
    expect(calls[0]).toMatchObject({ rpcvers: 2, prog: 900101, vers, proc: 1, cred: AUTH_NONE })
    expect(addressIn(calls[0]!)).toBe(address)
  })

  test.each(Object.entries(AddStat))('%s is the result', async (_, code) => {
    const { port } = await server(({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, code))
    expect(await client(port, { transport }).send(CLIENT)).toMatchObject({ code })
  })

  test.each<[string, (xid: number) => Uint8Array]>([
    ['PROG_UNAVAIL', (xid) => encodeAccepted(xid, AcceptStat.PROG_UNAVAIL)],
    ['PROG_MISMATCH', (xid) => encodeProgMismatch(xid, 1, 1)],
    ['PROC_UNAVAIL', (xid) => encodeAccepted(xid, AcceptStat.PROC_UNAVAIL)],
    ['GARBAGE_ARGS', (xid) => encodeAccepted(xid, AcceptStat.GARBAGE_ARGS)],
    ['SYSTEM_ERR', (xid) => encodeAccepted(xid, AcceptStat.SYSTEM_ERR)],
    ['RPC_MISMATCH', (xid) => encodeRpcMismatch(xid)],
    ['AUTH_ERROR', (xid) => encodeAuthError(xid, 5)],
    ['an addstat of 4', (xid) => encodeAccepted(xid, AcceptStat.SUCCESS, 4)],
    ['no addstat', (xid) => encodeAccepted(xid, AcceptStat.SUCCESS)],
  ])('%s is a failed call, at once', async (_, reply) => {
    const { port, calls } = await server(({ call }) => reply(call.xid))
    const [result] = await client(port, { transport }).sendAll(CLIENT)
    expect(result).toMatchObject({ host: '127.0.0.1', code: -2, cause: { name: 'DracError' } })
    expect(result!.cause).not.toMatchObject({ code: 'DRAC_CLIENT_TIMEOUT' })
    expect(distinct(calls)).toBe(1)
  })

  test('a wrong xid is not an answer; the right one after it is', async () => {
    const { port } = await server(({ call, raw }) => {
      const wrong = encodeAccepted(call.xid + 1, AcceptStat.SUCCESS, AddStat.ADD_PERM)
      raw(transport === 'tcp' ? encodeRecord(wrong) : wrong)
      return encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS)
    })
    expect(await client(port, { transport }).send(CLIENT)).toEqual(OK)
  })

  test('a server that never answers costs the timeout and no more', async () => {
    const { port, calls } = await server(() => undefined)
    const [result] = await client(port, { transport, timeout: 1000 }).sendAll(CLIENT)
    expect(result).toMatchObject({ code: -2, cause: { code: 'DRAC_CLIENT_TIMEOUT' } })
    await expect.poll(() => calls.length, { timeout: 10_000 }).toBeGreaterThan(0)
  })

  test('a closed port is known at once', async () => {
    const [result] = await client(await closedPort(), { transport }).sendAll(CLIENT)
    expect(result!.code).toBe(transport === 'tcp' ? -1 : -2)
    expect(result!.cause).not.toMatchObject({ code: 'DRAC_CLIENT_TIMEOUT' })
  })

  test('a server that comes back is found again', async () => {
    const first = await server(accept)
    const drac = client(first.port, { transport })
    expect(await drac.send(CLIENT)).toEqual(OK)
    await first.close()
    releases.shift()
    const down = await drac.send(CLIENT)
    expect(down.code).toBeLessThan(0)
    const second = await server(accept, '127.0.0.1', first.port)
    expect(await drac.send(CLIENT)).toEqual(OK)
    expect(distinct(second.calls)).toBe(1)
  })

  test('a hundred reports at once, answered in the opposite order, each get their own answer', async () => {
    const held: (() => void)[] = []
    const { port } = await server(({ call, raw }) => {
      const last = Number(addressIn(call).split('.')[3])
      const reply = encodeAccepted(call.xid, AcceptStat.SUCCESS, last % 4)
      held.push(() => raw(transport === 'tcp' ? encodeRecord(reply) : reply))
      if (held.length >= 100) for (const send of held.toReversed()) send()
      return undefined
    })
    const drac = client(port, { transport })
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => drac.send(`192.0.2.${i}`)))
    expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 100 }, (_, i) => i % 4))
  })

  test('AUTH_SYS goes along when asked for', async () => {
    const { port, calls } = await server(accept)
    const sys = { stamp: 1, machinename: 'pop.example.net', uid: 8, gid: 12, gids: [] }
    expect(await client(port, { transport, cred: encodeAuthSys(sys) }).send(CLIENT)).toEqual(OK)
    expect(decodeAuthSys(calls[0]!.cred.body)).toEqual(sys)
  })

  test('closing ends what is under way, and every later report', async () => {
    const { port, calls } = await server(() => undefined)
    const drac = client(port, { transport })
    const waiting = drac.send(CLIENT)
    await expect.poll(() => calls.length, { timeout: 10_000 }).toBeGreaterThan(0)
    drac.close()
    expect(await waiting).toMatchObject({ code: -2 })
    expect(await drac.send(CLIENT)).toMatchObject({ code: -1 })
    await drac.idle()
  })
})

test('closing ends a look-up that is under way', async () => {
  const drac = client(1, { hosts: 'mail.invalid', resolve: () => new Promise(() => {}), timeout: 60_000 })
  const waiting = drac.send(CLIENT)
  drac.close()
  expect(await waiting).toMatchObject({ code: -1 })
})

describe('UDP', () => {
  test('a lost first datagram is sent again with the same xid', async () => {
    const { port, calls } = await server((ask, count) => (count < 3 ? undefined : accept(ask, count)))
    expect(await client(port).send(CLIENT)).toEqual(OK)
    expect(calls.length).toBeGreaterThanOrEqual(3)
    expect(distinct(calls)).toBe(1)
  })

  test('two answers to one call are one result, and the next call is not mistaken', async () => {
    const { port } = await server((ask, count) => {
      const stat = count === 1 ? AddStat.ADD_SUCCESS : AddStat.ADD_PERM
      const reply = encodeAccepted(ask.call.xid, AcceptStat.SUCCESS, stat)
      ask.raw(reply)
      return reply
    })
    const drac = client(port)
    expect(await drac.send(CLIENT)).toEqual(OK)
    expect(await drac.send(CLIENT)).toMatchObject({ code: 1 })
  })

  test('garbage before the answer does no harm', async () => {
    const { port } = await server((ask, count) => {
      for (const noise of ['', '00', 'ffffffffffffffff', `${ask.call.xid.toString(16).padStart(8, '0')}00000001`]) {
        ask.raw(Buffer.from(noise, 'hex'))
      }
      return accept(ask, count)
    })
    expect(await client(port).send(CLIENT)).toEqual(OK)
  })

  test("an answer from another port is not the server's", async () => {
    const { port, calls } = await server(({ call, rawFromElsewhere }) => {
      rawFromElsewhere(encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS))
      return undefined
    })
    const [result] = await client(port, { timeout: 1000 }).sendAll(CLIENT)
    expect(result).toMatchObject({ code: -2 })
    await expect.poll(() => calls.length, { timeout: 10_000 }).toBeGreaterThan(0)
  })

  test('a slow server is waited for', async () => {
    const { port } = await server((ask, count) => {
      if (count === 1) void sleep(600).then(() => ask.raw(accept(ask, count)!))
      return undefined
    })
    expect(await client(port).send(CLIENT)).toEqual(OK)
  })
})

describe('TCP', () => {
  test('one connection serves many reports', async () => {
    const { port, calls, connections } = await server(accept)
    const drac = client(port, { transport: 'tcp' })
    for (let i = 0; i < 5; i++) expect(await drac.send(CLIENT)).toEqual(OK)
    expect(calls).toHaveLength(5)
    expect(connections()).toBe(1)
  })

  test('a reply that comes byte by byte, in three fragments', async () => {
    const { port } = await server((ask, count) => {
      const reply = accept(ask, count)!
      const pieces = [reply.subarray(0, 5), reply.subarray(5, 5), reply.subarray(5)].map(encodeRecord)
      for (const piece of pieces.slice(0, 2)) piece[0]! &= 0x7f
      void (async () => {
        for (const byte of Buffer.concat(pieces)) {
          ask.raw(Uint8Array.of(byte))
          await sleep(1)
        }
      })()
      return undefined
    })
    expect(await client(port, { transport: 'tcp' }).send(CLIENT)).toEqual(OK)
  })

  test.each([
    ['a record of 2 GiB', 'ffffffff'],
    ['a record that is no reply', '8000000400000000'],
  ])('%s ends the connection and the call', async (_, bytes) => {
    const { port } = await server(({ raw }) => {
      raw(Buffer.from(bytes, 'hex'))
      return undefined
    })
    const [result] = await client(port, { transport: 'tcp' }).sendAll(CLIENT)
    expect(result).toMatchObject({ code: -2, cause: { code: 'DRAC_CLIENT_GONE' } })
  })

  test('a server that closed the idle connection is connected to again', async () => {
    const { port, connections } = await server((ask, count) => {
      if (count === 1) setImmediate(() => ask.hangUp())
      return accept(ask, count)
    })
    const drac = client(port, { transport: 'tcp' })
    for (let i = 0; i < 3; i++) expect(await drac.send(CLIENT)).toEqual(OK)
    expect(connections()).toBe(2)
  })

  test('a server that hangs up on a report hears it again, once, on a new connection', async () => {
    const { port, calls } = await server((ask, count) => {
      if (count === 1) return accept(ask, count)
      ask.hangUp()
      return undefined
    })
    const drac = client(port, { transport: 'tcp' })
    expect(await drac.send(CLIENT)).toEqual(OK)
    expect(await drac.send(CLIENT)).toMatchObject({ code: -2 })
    expect(calls).toHaveLength(3)
  })
})

describe('several hosts', () => {
  test('all are told', async () => {
    const servers = [await server(accept), await server(accept)]
    const hosts = servers.map(({ port }) => `127.0.0.1:${port}`)
    expect(await client(undefined, { hosts: hosts.join(', ') }).sendAll(CLIENT)).toEqual(
      hosts.map((host) => ({ host, ...OK })),
    )
    expect(servers.map(({ calls }) => distinct(calls))).toEqual([1, 1])
  })

  test('one that accepts is enough, and a dead one is not waited for', async () => {
    const alive = await server(accept)
    const dead = await server(() => undefined)
    const drac = client(undefined, { hosts: [`127.0.0.1:${dead.port}`, `127.0.0.1:${alive.port}`], timeout: 60_000 })
    expect(await drac.send(CLIENT)).toEqual(OK)
  })

  test('the one that is behind still hears it', async () => {
    const fast = await server(accept)
    const lossy = await server((ask, count) => (count === 1 ? undefined : accept(ask, count)))
    const drac = client(undefined, { hosts: [`127.0.0.1:${fast.port}`, `127.0.0.1:${lossy.port}`] })
    expect(await drac.send(CLIENT)).toEqual(OK)
    await drac.idle()
    expect(lossy.calls.length).toBeGreaterThanOrEqual(2)
    expect(distinct(lossy.calls)).toBe(1)
  })

  test('when none accepts, what a server said counts for more than silence', async () => {
    const perm = await server(({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_PERM))
    const hosts = [`127.0.0.1:${await closedPort()}`, `127.0.0.1:${perm.port}`]
    expect(await client(undefined, { hosts }).send(CLIENT)).toMatchObject({ code: 1 })
  })

  test('no host at all is off, which is not success', async () => {
    expect(await client(undefined, { hosts: '' }).send(CLIENT)).toEqual({
      code: 'off',
      message: 'no DRAC server is configured',
    })
    expect(await client(undefined, { hosts: [] }).connect()).toMatchObject({ code: 'off' })
  })
})

describe('names', () => {
  test('each address of a name is tried, until one answers', async () => {
    const { port } = await server(accept)
    const resolve = async () => ['127.0.0.9', '127.0.0.1']
    for (const transport of ['udp', 'tcp'] as const) {
      const drac = client(port, { hosts: 'mail.example.net', resolve, transport })
      expect(await drac.send(CLIENT)).toEqual(OK)
    }
  })

  test('a name that is not known, and one that is never resolved, are no connection', async () => {
    const unknown = client(1, { hosts: 'mail.invalid', resolve: () => Promise.reject(new Error('ENOTFOUND')) })
    expect(await unknown.send(CLIENT)).toMatchObject({ code: -1 })
    const never = client(1, { hosts: 'mail.invalid', resolve: () => new Promise(() => {}), timeout: 200 })
    expect(await never.send(CLIENT)).toMatchObject({ code: -1 })
  })

  test("the system's resolver knows localhost", async () => {
    const { port } = await server(accept)
    expect(await client(port, { hosts: 'localhost' }).send(CLIENT)).toEqual(OK)
  })
})

test.skipIf(noIPv6)('over IPv6', async () => {
  const { port } = await server(accept, '::1')
  for (const transport of ['udp', 'tcp'] as const) {
    expect(await client(undefined, { hosts: `[::1]:${port}`, transport }).send(CLIENT)).toEqual(OK)
    expect(await client(port, { hosts: '::1', transport }).send(CLIENT)).toEqual(OK)
  }
})

test("what is no address is the caller's mistake", async () => {
  const drac = client(1)
  for (const wrong of ['', 'unknown', '192.0.2.256', Uint8Array.of(1, 2, 3)]) {
    await expect(drac.send(wrong)).rejects.toMatchObject({ kind: 'malformed', code: 'DRAC_ADDRESS' })
  }
})

test.each([
  { hosts: 'a host', port: 0 },
  { hosts: 'mail:0' },
  { hosts: 'mail:65536' },
  { hosts: '[mail]:1' },
  { hosts: 'mail/1' },
  { hosts: 'mail', timeout: 0 },
  { hosts: 'mail', portmapperPort: 70_000 },
])('%j is a mistake in the settings', (options) => {
  expect(() => new DracClient(options)).toThrow(expect.objectContaining({ kind: 'config' }))
})
