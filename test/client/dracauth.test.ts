// libdrac's calls under their C names.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import {
  AddStat,
  dracauth,
  dracauth6,
  dracconn,
  dracconn6,
  dracdisc,
  dracdisc6,
  dracsend,
  dracsend6,
} from '../../src/client/index.ts'
import { AcceptStat, encodeAccepted, encodeSuccess } from '../../src/protocols/oncrpc/message.ts'
import { decodeMapping, encodePort } from '../../src/protocols/portmap/v2.ts'
import { type Answer, closedPort, type FakeServer, fakeServer } from './fake-dracd.ts'

const accept: Answer = ({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS)
const TIMEOUT = { timeout: 10_000 }

const servers: FakeServer[] = []
afterEach(async () => {
  await dracdisc()
  for (const made of servers.splice(0)) await made.close()
})
async function server(answer: Answer): Promise<FakeServer> {
  servers.push(await fakeServer(answer))
  return servers.at(-1)!
}

describe('dracauth', () => {
  test.each(['udp', 'tcp'] as const)('every result, over %s', async (transport) => {
    const messages = new Set<string>()
    for (const code of Object.values(AddStat)) {
      const { port } = await server(({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, code))
      const result = await dracauth(`127.0.0.1:${port}`, '192.0.2.25', { transport, ...TIMEOUT })
      expect(result.code).toBe(code)
      messages.add(result.message)
    }
    expect(messages.size).toBe(4)
  })

  test('-1 without a connection, -2 when the call failed', async () => {
    const port = await closedPort()
    expect(await dracauth(`127.0.0.1:${port}`, '192.0.2.25', { transport: 'tcp', ...TIMEOUT })).toMatchObject({
      code: -1,
    })
    expect(await dracauth('127.0.0.1', '192.0.2.25', { portmapperPort: port, ...TIMEOUT })).toMatchObject({ code: -1 })
    expect(await dracauth(`127.0.0.1:${port}`, '192.0.2.25', TIMEOUT)).toMatchObject({ code: -2 })
    expect(await dracauth('', '192.0.2.25')).toMatchObject({ code: -1 })
  })

  test('dracauth6 sends version 2, and a mapped address as version 1', async () => {
    const { port, calls } = await server(accept)
    await dracauth6(`127.0.0.1:${port}`, '2001:db8::1', TIMEOUT)
    await dracauth6(`127.0.0.1:${port}`, '::ffff:192.0.2.25', TIMEOUT)
    expect([...new Set(calls.map(({ vers }) => vers))]).toEqual([2, 1])
  })

  test('a second server hears it although the first answered sooner', async () => {
    const fast = await server(accept)
    const lossy = await server((ask, count) => (count === 1 ? undefined : accept(ask, count)))
    const both = `127.0.0.1:${fast.port},127.0.0.1:${lossy.port}`
    expect(await dracauth(both, '192.0.2.25', TIMEOUT)).toMatchObject({ code: 0 })
    await expect.poll(() => lossy.calls.length, { timeout: 10_000 }).toBeGreaterThan(1)
  })
})

describe('dracconn, dracsend, dracdisc', () => {
  test('one connection for many reports', async () => {
    const { port, connections } = await server(accept)
    const options = { transport: 'tcp', ...TIMEOUT } as const
    expect(await dracconn(`127.0.0.1:${port}`, options)).toEqual({ code: 0, message: 'connected' })
    expect(await dracsend('192.0.2.25')).toMatchObject({ code: 0 })
    expect(await dracsend6('2001:db8::1')).toMatchObject({ code: 0 })
    expect(await dracdisc()).toEqual({ code: 0, message: 'disconnected' })
    expect(connections()).toBe(1)
    expect(await dracdisc()).toMatchObject({ code: -1 })
    expect(await dracsend('192.0.2.25')).toMatchObject({ code: -1 })
  })

  test('a connection that cannot be made leaves none, not the one before it', async () => {
    const { port } = await server(accept)
    const options = { transport: 'tcp', ...TIMEOUT } as const
    expect(await dracconn(`127.0.0.1:${port}`, options)).toMatchObject({ code: 0 })
    expect(await dracconn(`127.0.0.1:${await closedPort()}`, options)).toMatchObject({ code: -1 })
    expect(await dracsend('192.0.2.25')).toMatchObject({ code: -1 })
  })

  test('dracconn6 needs a server that knows version 2', async () => {
    const pmap = await server(({ call }) =>
      encodeSuccess(call.xid, encodePort(decodeMapping(call.args).vers === 1 ? 9 : 0)),
    )
    const options = { portmapperPort: pmap.port, ...TIMEOUT }
    expect(await dracconn6('127.0.0.1', options)).toMatchObject({ code: -1 })
    expect(await dracconn('127.0.0.1', options)).toMatchObject({ code: 0 })
    expect(await dracdisc6()).toMatchObject({ code: 0 })
  })
})

test('a process that has reported ends by itself, closed or not', async () => {
  const { port } = await server(accept)
  const index = resolve('src/client/index.ts')
  for (const transport of ['udp', 'tcp']) {
    for (const close of ['drac.close()', '']) {
      const script = `import { DracClient } from ${JSON.stringify(index)}
        const drac = new DracClient({ hosts: '127.0.0.1:${port}', transport: '${transport}', timeout: 20000 })
        console.log((await drac.send('192.0.2.25')).code)
        ${close}`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        timeout: 15_000,
      })
      expect(stdout).toBe('0\n')
    }
  }
})
