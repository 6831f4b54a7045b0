// Finding the server: portmapper versions 2 and 4, every way they can fail, what is remembered, and names that hang.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../interop/wait.ts'
import { type Outcome, outcomes, parseOutcome } from './call.ts'
import { Child, stopAll } from './children.ts'
import { type Fake, startFake } from './fake.ts'
import { openSpace, type Space } from './namespace.ts'
import {
  compile,
  compileReference,
  makeLibrary,
  removeFolder,
  rpcbindPath,
  skipping,
  temporaryFolder,
} from './toolchain.ts'

afterAll(stopAll)

const space = 'root, for a network namespace' as const
const unable = skipping('libdrac and portmappers', 'gcc', space)
const withoutReference = skipping("libdrac's portmapper calls beside libtirpc's", 'gcc', 'rpcsvc-proto', 'libtirpc-dev')

/** RFC 1833: what GETPORT and GETADDR look like, without the transaction id. */
const CALL = (vers: number) => `0000000000000002000186a00000000${vers}00000003${'00000000'.repeat(4)}`
const GETPORT = (vers: number) => `${CALL(2)}000dbc050000000${vers}0000001100000000`
const GETADDR = (vers: number) => `${CALL(4)}000dbc050000000${vers}00000004756470360000000000000000`
const withoutXid = (datagrams: readonly string[]) => datagrams.map((hex) => hex.slice(8))

describe.skipIf(unable)('finding the server', () => {
  const folder = temporaryFolder()
  let inside: Space
  let call: string
  let drac: Fake
  beforeAll(async () => {
    makeLibrary(folder)
    call = compile(folder, 'call')
    inside = await openSpace(folder, 'nameserver 127.0.0.53\noptions timeout:10 attempts:3\n')
    drac = await startFake(['127.0.0.1:0=success', '[::1]:0=success'], inside.enter)
  })
  afterAll(async () => {
    await drac?.stop()
    await inside?.close()
    removeFolder(folder)
  })

  const run = (steps: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome[]> =>
    outcomes([...inside.enter, call, ...steps], env)
  /** With a portmapper on port 111 of these addresses. */
  async function withPortmapper<T>(behaviours: readonly string[], work: (fake: Fake) => Promise<T>): Promise<T> {
    const fake = await startFake(behaviours, inside.enter)
    try {
      return await work(fake)
    } finally {
      await fake.stop()
    }
  }

  test.each([
    ['auth', '192.0.2.25', 1],
    ['auth6', '2001:db8::1', 2],
  ] as const)('%s asks version 2 with GETPORT over IPv4', async (step, address, vers) => {
    await withPortmapper([`127.0.0.1:111=port/${drac.ports[0]}`], async (fake) => {
      expect(await run([step, 'localhost', address])).toMatchObject([{ result: 0 }])
      expect(withoutXid(await fake.got())).toEqual([GETPORT(vers)])
    })
  })

  test.skipIf(withoutReference)('that is what libtirpc asks, after versions 4 and 3 in vain', async () => {
    const { client } = compileReference(folder)
    await withPortmapper([`127.0.0.1:111=port/${drac.ports[0]}`], async (fake) => {
      expect(await outcomes([...inside.enter, client, 'auth', '127.0.0.1', '192.0.2.25'])).toMatchObject([
        { result: 0 },
      ])
      expect(withoutXid(await fake.got()).at(-1)).toBe(GETPORT(1))
    })
  })

  test('a server whose address is a mapped one is asked as the IPv4 host it is', async () => {
    await withPortmapper([`127.0.0.1:111=port/${drac.ports[0]}`], async (fake) => {
      for (const name of ['::ffff:127.0.0.1', '[::ffff:127.0.0.1]'])
        expect(await run(['auth', name, '192.0.2.25'])).toMatchObject([{ result: 0 }])
      expect(withoutXid(await fake.got())).toEqual([GETPORT(1), GETPORT(1)])
    })
  })

  test('over IPv6 it asks version 4 with GETADDR, and version 2 where there is no 4 or no answer in it', async () => {
    const port = drac.ports[1]!
    const asked = (behaviour: string) =>
      withPortmapper([`[::1]:111=${behaviour}`], async (fake) => {
        const [outcome] = await run(['auth', '::1', '192.0.2.25'], { DRAC_TIMEOUT: '20' })
        return [outcome!.result, ...withoutXid(await fake.got())]
      })
    expect(await asked(`uaddr/::1.${port >> 8}.${port & 255}`)).toEqual([0, GETADDR(1)])
    expect(await asked(`uaddr/2001:db8::99.${port >> 8}.${port & 255}`)).toEqual([0, GETADDR(1)])
    expect(await asked(`port/${port}`)).toEqual([0, GETADDR(1), GETPORT(1)])
    expect(await asked('uaddr/')).toEqual([-1, GETADDR(1), GETPORT(1)])
  })

  test.each(['::1.1', '::1.256.1', '::1.1.256', '::1.0.0', '1.1', '::1.1.', '::1..1', 'x', '::1.1.1x', '::1.-1.1'])(
    'the universal address %s has no port',
    async (uaddr) => {
      await withPortmapper([`[::1]:111=uaddr/${uaddr}`], async () => {
        expect(await run(['auth', '[::1]', '192.0.2.25'], { DRAC_TIMEOUT: '20' })).toMatchObject([
          { result: -1, message: '[::1]: RPC: Program not registered' },
        ])
      })
    },
  )

  test.each([
    ['port/0', 'RPC: Program not registered'],
    ['port/65536', "RPC: Port mapper failure - RPC: Can't decode result"],
    ['no-result', "RPC: Port mapper failure - RPC: Can't decode result"],
    ['program-unavailable', 'RPC: Port mapper failure - RPC: Program unavailable'],
    ['auth-tooweak', 'RPC: Port mapper failure - RPC: Authentication error'],
    ['silent', 'RPC: Port mapper failure - RPC: Timed out'],
    ['wrong-xid', 'RPC: Port mapper failure - RPC: Timed out'],
  ])('a portmapper that answers %s', async (behaviour, message) => {
    await withPortmapper([`127.0.0.1:111=${behaviour}`], async () => {
      for (const step of [
        ['auth', 'localhost', '192.0.2.1'],
        ['conn', 'localhost'],
      ]) {
        const [outcome] = await run(step, { DRAC_TIMEOUT: message.endsWith('Timed out') ? '0.5' : '20' })
        expect(outcome).toMatchObject({ result: -1, message: `localhost: ${message}` })
        expect(outcome!.ms).toBeLessThan(10_000)
      }
    })
  })

  test('no portmapper at all is told at once', async () => {
    const [outcome] = await run(['auth', 'localhost', '192.0.2.1'], { DRAC_TIMEOUT: '20' })
    expect(outcome).toMatchObject({
      result: -1,
      message: 'localhost: RPC: Port mapper failure - RPC: Unable to receive',
    })
    expect(outcome!.ms).toBeLessThan(10_000)
  })

  test('a lost question is asked again', async () => {
    await withPortmapper([`127.0.0.1:111=first-lost`], async (fake) => {
      await run(['auth', 'localhost', '192.0.2.1'], { DRAC_TIMEOUT: '5' })
      expect(new Set(await fake.got()).size).toBe(1)
      expect((await fake.got()).length).toBeGreaterThanOrEqual(2)
    })
  })

  test('the portmapper is asked once for each process, host and version', async () => {
    await withPortmapper([`127.0.0.1:111=port/${drac.ports[0]}`], async (fake) => {
      const once = ['auth', 'localhost', '192.0.2.1', 'conn', 'localhost', 'send', '192.0.2.2', 'send', '192.0.2.3']
      for (const { result } of await run([...once, 'disc', ...once, 'auth6', 'localhost', '::ffff:192.0.2.4']))
        expect(result).toBe(0)
      expect(withoutXid(await fake.got())).toEqual([GETPORT(1)])
      await run(['auth', 'localhost', '192.0.2.1', 'auth', '127.0.0.1', '192.0.2.1', 'auth6', 'localhost', '::2'])
      expect(withoutXid(await fake.got()).slice(1)).toEqual([GETPORT(1), GETPORT(1), GETPORT(2)])
    })
  })

  test('a server that has moved is found again, within the same call', async () => {
    const first = await startFake(['127.0.0.1:0=success'], inside.enter)
    const [command, ...args] = [...inside.enter, call, 'conn', 'localhost', 'send', '192.0.2.1', 'wait']
    const mapper = await startFake([`127.0.0.1:111=port/${first.ports[0]}`], inside.enter)
    const child = new Child(command!, [...args, 'send', '192.0.2.2'])
    await child.line('a pause', (line) => line === 'wait')
    await first.stop()
    await mapper.stop()
    await withPortmapper([`127.0.0.1:111=port/${drac.ports[0]}`], async () => {
      child.process.stdin!.write('go on\n')
      expect(await child.end()).toBe(0)
    })
    expect(child.lines.filter((line) => line !== 'wait').map(parseOutcome)).toMatchObject([
      { result: 0, message: 'Connect succeeded' },
      { result: 0 },
      { result: 0, message: 'Server reports add succeeded' },
    ])
  })

  test.skipIf(skipping('libdrac and rpcbind', 'rpcbind', 'rpcsvc-proto', 'libtirpc-dev'))(
    "rpcbind's answer leads to rpcgen's server, also over IPv6",
    async () => {
      const { server } = compileReference(folder)
      const [command, ...enter] = inside.enter
      const rpcbind = new Child(command!, [...enter, rpcbindPath()!, '-f', '-w'])
      await until('rpcbind', () => spawnSync(command!, [...enter, 'test', '-S', '/run/rpcbind.sock']).status === 0)
      expect(await run(['auth', '::1', '192.0.2.1'])).toMatchObject([
        { result: -1, message: '::1: RPC: Program not registered' },
      ])
      const registered = new Child(command!, [...enter, server, '-p'])
      await registered.line('ports', (line) => line.startsWith('ready '))
      expect(await run(['auth', 'localhost', '192.0.2.25', 'auth6', '127.0.0.1', '2001:db8::5'])).toMatchObject([
        { result: 0 },
        { result: 0 },
      ])
      await registered.line('IPv4', (line) => line === '192.0.2.25')
      await registered.line('IPv6', (line) => line === '2001:db8::5')
      await registered.stop()
      await rpcbind.stop()
    },
  )

  describe('names', () => {
    test('from the hosts file, IPv4 first', async () => {
      const named = await startFake(['192.0.2.1:0=success', '[2001:db8::1]:0=success'], inside.enter)
      const [four, six] = named.ports
      const steps = ['auth', `mail.test:${four}`, '192.0.2.1', 'auth', `six.test:${six}`, '192.0.2.2', 'check']
      expect((await run(steps)).map(({ result }) => result)).toEqual([0, 0, 0])
      await named.stop()
    })

    test('a name server that never answers does not hold a login, and other servers are told meanwhile', async () => {
      const nameServer = await startFake(['127.0.0.53:53=silent'], inside.enter)
      const live = `127.0.0.1:${drac.ports[0]}`
      const steps = ['auth', 'mail.example', '192.0.2.1', 'auth', `mail.example ${live}`, '192.0.2.2']
      const [alone, both] = await run(steps, { DRAC_TIMEOUT: '0.7' })
      expect(alone).toMatchObject({ result: -1, message: 'mail.example: RPC: Unknown host' })
      expect(alone!.ms).toBeLessThan(8000) // the resolver alone would take 30 s
      expect(both).toMatchObject({ result: 0 })
      expect((await nameServer.got()).length).toBeGreaterThan(0)
      await nameServer.stop()
    })

    test('an abandoned look-up touches no descriptor that the program has opened since', async () => {
      // The resolver gives up after 1 s, while the program goes on with the same numbers for files of its own.
      writeFileSync(join(inside.etc, 'resolv.conf'), 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n')
      const nameServer = await startFake(['127.0.0.53:53=silent'], inside.enter)
      const [command, ...enter] = inside.enter
      const steps = ['auth', 'mail.example', '192.0.2.1', 'open', 'wait', 'check']
      const child = new Child(command!, [...enter, call, ...steps], { env: { ...process.env, DRAC_TIMEOUT: '0.3' } })
      await child.line('a pause', (line) => line === 'wait')
      const threads = () => readFileSync(`/proc/${child.process.pid}/status`, 'utf8').match(/Threads:\s*(\d+)/)?.[1]
      await until('the abandoned thread to end', () => threads() === '1')
      child.process.stdin!.write('go on\n')
      expect(await child.end()).toBe(0)
      expect(child.lines.filter((line) => line !== 'wait').map((line) => parseOutcome(line).result)).toEqual([-1, 0])
      await nameServer.stop()
    })
  })

  test('mkdir of this test touches nothing of the machine', () => {
    mkdirSync(join(inside.etc, 'mail', 'x'))
    expect(spawnSync('test', ['-e', '/etc/mail/x']).status).toBe(1)
  })
})
