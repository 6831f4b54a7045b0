// Old mail servers' own ways of calling the library, linked with -ldrac alone, against dracd and against a C server.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../interop/wait.ts'
import { outcomes } from './call.ts'
import { Child, stopAll } from './children.ts'
import { type RunningDracd, startDracd } from './dracd.ts'
import { openSpace, type Space } from './namespace.ts'
import { compile, compileReference, make, removeFolder, rpcbindPath, skipping, temporaryFolder } from './toolchain.ts'

const CALLERS = ['caller-qpopper', 'caller-teapop', 'caller-uw', 'caller-cyrus', 'caller-tpop3d'] as const
const SHARED = ['-ldrac'] as const

afterAll(stopAll)

const unable = skipping("old mail servers' calls to libdrac", 'gcc')

describe.skipIf(unable)('callers written as the old mail servers are', () => {
  const folder = temporaryFolder()
  let call: string
  beforeAll(() => {
    make(folder, 'CFLAGS=-O0')
    call = compile(folder, 'call')
    for (const caller of CALLERS) {
      compile(folder, caller)
      mkdirSync(join(folder, 'shared'), { recursive: true })
      const libraries = [`-L${folder}`, `-Wl,-rpath,${folder}`, ...SHARED]
      execFileSync('mv', [compile(folder, caller, { libraries }), join(folder, 'shared', caller)])
      compile(folder, caller) // again, with the static library
    }
  })
  afterAll(() => removeFolder(folder))

  /** Runs one; the UW patch's host comes from DRACHOST. */
  function run(prefix: readonly string[], caller: string, server: string, address: string) {
    const first = caller.endsWith('uw') ? '' : server
    const [command, ...args] = [...prefix, join(folder, caller), first, address]
    return spawnSync(command!, args, { encoding: 'utf8', env: { ...process.env, DRACHOST: server }, timeout: 30_000 })
  }
  const addressOf = (group: number, caller: string): string =>
    `203.0.113.${group * 10 + CALLERS.findIndex((name) => caller.endsWith(name))}`

  describe('dracd by host and port', () => {
    let dracd: RunningDracd
    beforeAll(async () => {
      mkdirSync(join(folder, 'state'))
      dracd = await startDracd(join(folder, 'state'))
    })
    afterAll(() => dracd?.stop())

    test.each([...CALLERS, ...CALLERS.map((name) => `shared/${name}`)])('%s', async (caller) => {
      const address = addressOf(caller.includes('/') ? 1 : 2, caller)
      const { status, stdout, stderr } = run([], caller, `127.0.0.1:${dracd.udpPort}`, address)
      expect(`${stdout}${stderr}${status}`).toMatch(/^(\S.* (alice|ip) .*\n)*0$/)
      expect(await dracd.addresses()).toContain(address)
    })

    test('UW: the host from a file, and off when that is empty', async () => {
      writeFileSync(join(folder, 'dracd.host'), `127.0.0.1:${dracd.udpPort}\n`)
      writeFileSync(join(folder, 'empty.host'), '')
      const uw = (file: string, address: string) =>
        spawnSync(join(folder, 'caller-uw'), [join(folder, file), address], { encoding: 'utf8' })
      expect(uw('dracd.host', '203.0.113.90').status).toBe(0)
      expect(uw('empty.host', '203.0.113.91')).toMatchObject({ status: 0, stdout: '' })
      expect(await dracd.addresses()).toContain('203.0.113.90')
      expect(await dracd.addresses()).not.toContain('203.0.113.91')
    })

    test('IPv6 and mapped addresses', async () => {
      const server = `localhost:${dracd.udpPort}`
      const steps = ['auth6', server, '2001:db8::fffe', 'auth6', server, '::ffff:203.0.113.92']
      for (const { result } of await outcomes([call, ...steps])) expect(result).toBe(0)
      expect(await dracd.addresses()).toEqual(expect.arrayContaining(['2001:db8::fffe', '203.0.113.92']))
    })

    test('the connection is per thread, survives a fork, and nothing else in the process changes', async () => {
      const server = `127.0.0.1:${dracd.udpPort}`
      const threads = await outcomes([call, 'threads', '8', server, 'check'])
      expect(threads.map(({ result }) => result)).toEqual([0, 0])
      const messages = async (...steps: readonly string[]) =>
        (await outcomes([call, ...steps])).map(({ result, message }) => `${result} ${message}`)
      expect(await messages('send', '203.0.113.1', 'disc', 'conn', server, 'send6', '2001:db8::1')).toEqual([
        '-1 Not connected',
        '-1 Not connected',
        '0 Connect succeeded',
        '-1 Not connected',
      ])
      const kept = ['conn', server, 'fork', 'closefrom', 'send', '203.0.113.1', 'check', 'disc', 'disc']
      expect(await messages(...kept)).toEqual([
        '0 Connect succeeded',
        '0 Server reports add succeeded',
        '0 Server reports add succeeded',
        '0 Disconnect succeeded',
        '-1 Not connected',
      ])
    })
  })

  describe.skipIf(skipping('libdrac against a server by rpcgen and libtirpc', 'rpcsvc-proto', 'libtirpc-dev'))(
    "rpcgen's server over libtirpc",
    () => {
      let server: Child
      let at: string
      beforeAll(async () => {
        server = new Child(compileReference(folder).server, [])
        const port = await server.line('ports', (line) => line.startsWith('ready ') && line.split(' ')[1])
        at = `127.0.0.1:${port}`
      })
      afterAll(() => server?.stop())

      test.each(CALLERS)('%s', async (caller) => {
        expect(run([], caller, at, addressOf(3, caller)).status).toBe(0)
        await server.line('the address', (line) => line === addressOf(3, caller))
      })

      test('it decodes the addresses that were meant', async () => {
        await outcomes([call, 'auth6', at, '2001:db8:8080:ff00::fffe', 'auth', at, '128.255.0.254'])
        await server.line('IPv6', (line) => line === '2001:db8:8080:ff00::fffe')
        await server.line('IPv4', (line) => line === '128.255.0.254')
        expect(await outcomes([call, 'auth', at, '192.0.2.66'])).toMatchObject([{ result: 1 }])
      })
    },
  )

  const space = 'root, for a network namespace' as const
  describe.skipIf(skipping('libdrac and dracd through portmappers', 'rpcbind', space))('through a portmapper', () => {
    const places: Record<string, string> = {}
    let inside: Space
    beforeAll(async () => {
      inside = await openSpace(folder)
    })
    afterAll(() => inside?.close())
    const start = (name: string, ...settings: readonly string[]) => {
      places[name] = join(folder, name)
      mkdirSync(places[name])
      return startDracd(places[name], settings, inside.enter)
    }
    async function tellAll(dracd: RunningDracd, group: number): Promise<void> {
      for (const caller of CALLERS) {
        const { stdout, stderr, status } = run(inside.enter, caller, 'localhost', addressOf(group, caller))
        expect([caller, status, stdout + stderr]).toEqual([caller, 0, expect.not.stringContaining('RPC')])
      }
      const [command, ...enter] = inside.enter
      const six = await outcomes([command!, ...enter, call, 'auth6', 'localhost', `2001:db8::${group}`])
      expect(six).toMatchObject([{ result: 0 }])
      const expected = [...CALLERS.map((caller) => addressOf(group, caller)), `2001:db8::${group}`]
      expect((await dracd.addresses()).sort()).toEqual(expected.sort())
    }

    test('the built-in portmapper', async () => {
      const dracd = await start('builtin', 'drac_rpc.portmapper=builtin')
      await tellAll(dracd, 4)
      await dracd.stop()
    })

    test('rpcbind', async () => {
      const [command, ...enter] = inside.enter
      const rpcbind = new Child(command!, [...enter, rpcbindPath()!, '-f', '-w'])
      const registered = () => spawnSync(command!, [...enter, 'test', '-S', '/run/rpcbind.sock']).status === 0
      await until('rpcbind', registered)
      const dracd = await start('rpcbind', 'drac_rpc.portmapper=rpcbind')
      await tellAll(dracd, 5)
      await dracd.stop()
      await rpcbind.stop()
    })
  })
})
