// A C client as the mail servers of the field are: rpcgen's stubs from libdrac/drac.x, libtirpc's transport.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildDracCall, type Call, dracCall } from './drac-call.ts'
import { Dracd, type DracdOptions } from './dracd.ts'
import { Namespace } from './namespace.ts'
import { skipping } from './programs.ts'
import { startRpcbind } from './rpcbind.ts'

/** host of the daemon, transport, address of the client that logged in: a different one each time */
const CALLS = (['127.0.0.1', '::1'] as const).flatMap((host, h) =>
  (['udp', 'tcp'] as const).flatMap((net, n) => [
    [1, net, host, `192.0.2.${100 + 2 * h + n}`] as const,
    [2, net, host, `2001:db8::ffb8:${2 * h + n}`] as const,
  ]),
)

function describeDaemon(
  name: string,
  options: DracdOptions,
  before: (namespace: Namespace) => Promise<void>,
  body: (daemon: () => Daemon) => void,
): void {
  describe(name, { timeout: 60_000 }, () => {
    let daemon: Daemon | undefined
    let namespace: Namespace
    beforeAll(async () => {
      namespace = await Namespace.open()
      const program = await buildDracCall()
      await before(namespace)
      const dracd = await Dracd.start(namespace, options)
      daemon = { dracd, call: (address, call) => dracCall(namespace, program, address, call) }
    }, 120_000)
    afterAll(() => namespace?.close())
    body(() => daemon!)
  })
}

interface Daemon {
  readonly dracd: Dracd
  readonly call: (address: string, call: Call) => number | string
}
const nothing = async (): Promise<void> => {}

/** Both versions over both transports of both families, found through a portmapper. */
function throughPortmapper(daemon: () => Daemon): void {
  test.each(CALLS)('version %i over %s of %s', async (_, net, host, address) => {
    expect(daemon().call(address, { host, net })).toBe(0)
    expect(await daemon().dracd.authorized()).toContain(address)
  })

  test('a version that is not there is not found, and nothing is added', async () => {
    const before = await daemon().dracd.authorized()
    expect(daemon().call('2001:db8::200', { net: 'udp', version: 3 })).toMatch(/version|not registered/i)
    expect(await daemon().dracd.authorized()).toEqual(before)
  })
}

describe.skipIf(skipping('c-client.test.ts', 'libtirpc', 'rpcbind'))('a C client', () => {
  describeDaemon('that knows the port', {}, nothing, (daemon) => {
    test.each(CALLS)('version %i over %s of %s', async (_, net, host, address) => {
      const { dracd, call } = daemon()
      expect(call(address, { host, net, port: dracd.port(net, host) })).toBe(0)
      expect(await dracd.authorized()).toContain(address)
    })

    test('an IPv4 address mapped into IPv6 is that IPv4 address', async () => {
      const { dracd, call } = daemon()
      expect(call('::ffff:192.0.2.150', { net: 'udp', port: dracd.port('udp') })).toBe(0)
      expect(await dracd.authorized()).toContain('192.0.2.150')
    })

    test.each(['udp', 'tcp'] as const)('version 3 over %s: the library reports versions 1 to 2', (net) => {
      const { dracd, call } = daemon()
      const complaint = call('2001:db8::1', { net, version: 3, port: dracd.port(net) })
      expect(complaint).toMatch(/mismatch.*low version = 1, high version = 2/)
    })
  })

  describeDaemon('that is not trusted', { set: { trusted_clients: '["198.51.100.1"]' } }, nothing, (daemon) => {
    test.each(CALLS)('version %i over %s of %s: ADD_PERM', async (_, net, host, address) => {
      const { dracd, call } = daemon()
      expect(call(address, { host, net, port: dracd.port(net, host) })).toBe(1)
      expect(await dracd.authorized()).toEqual([])
    })
  })

  describeDaemon(
    "through dracd's own portmapper",
    { set: { 'drac_rpc.portmapper': 'builtin' } },
    nothing,
    throughPortmapper,
  )

  describeDaemon('through rpcbind', { set: { 'drac_rpc.portmapper': 'rpcbind' } }, startRpcbind, throughPortmapper)
  describeDaemon(
    'through rpcbind that dracd finds by itself',
    { set: { 'drac_rpc.portmapper': 'auto' } },
    startRpcbind,
    (daemon) => {
      throughPortmapper(daemon)
      test('a clean stop takes the registration out; a new start after kill -9 replaces it', async () => {
        const { dracd, call } = daemon()
        expect(await dracd.stop()).toBe(0)
        expect(call('192.0.2.210', { net: 'udp' })).toMatch(/not registered/i)
        await dracd.run()
        await dracd.kill()
        await dracd.run()
        expect(call('192.0.2.210', { net: 'udp' })).toBe(0)
        expect(call('192.0.2.211', { net: 'tcp' })).toBe(0)
      })
    },
  )
})
