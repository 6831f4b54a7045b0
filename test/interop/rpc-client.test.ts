// Our client against a server made by rpcgen and libtirpc, and our golden bytes against what libtirpc makes here.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DracClient } from '../../src/client/index.ts'
import { encodeAuthSys } from '../../src/protocols/oncrpc/auth.ts'
import { MAKE_RPC_USER } from './rpcbind.ts'

const TIRPC = '/usr/include/tirpc'
const runs = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const missing = [
  ...['gcc', 'rpcgen'].filter((program) => !runs(program)),
  ...(existsSync(`${TIRPC}/rpc/rpc.h`) ? [] : ['libtirpc-dev']),
]
if (missing.length > 0) {
  console.warn(`skipped: rpc-client.test.ts needs ${missing.join(', ')}; apt-get install gcc rpcsvc-proto libtirpc-dev`)
}

let folder: string
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: folder, encoding: 'utf8' })
function compile(source: string, ...generated: string[]): string {
  const output = join(folder, source.replace(/.*\/|\.c$/g, ''))
  run('gcc', '-w', `-I${TIRPC}`, '-I.', '-o', output, resolve(source), ...generated, 'drac_xdr.c', '-ltirpc')
  return output
}

describe.skipIf(missing.length > 0)('libtirpc', () => {
  let server: ChildProcess
  const ports: Record<string, number> = {}
  const reports: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drac-rpc-client-'))
    copyFileSync('libdrac/drac.x', join(folder, 'drac.x'))
    run('rpcgen', '-h', '-o', 'drac.h', 'drac.x')
    run('rpcgen', '-c', '-o', 'drac_xdr.c', 'drac.x')
    run('rpcgen', '-m', '-o', 'drac_svc.c', 'drac.x')
    server = spawn(compile('test/interop/c/drac-server.c', 'drac_svc.c'), { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: server.stdout! })
    lines.on('line', (line) => {
      const [name, value] = line.split(' ')
      if (name === 'udp' || name === 'tcp') ports[name] = Number(value)
      else reports.push(line)
    })
    await vi.waitUntil(() => ports.udp && ports.tcp, { timeout: 20_000 })
  })

  afterAll(async () => {
    if (server && server.exitCode === null) {
      const exit = once(server, 'exit')
      server.stdin!.end()
      await exit
    }
    rmSync(folder, { recursive: true, force: true })
  })

  describe.each(['udp', 'tcp'] as const)('%s', (transport) => {
    /** One client for several addresses: their codes, and what the server says it was told (each once: UDP may repeat). */
    async function report(userips: readonly string[], cred = {}): Promise<{ codes: unknown[]; told: string[] }> {
      const drac = new DracClient({ hosts: `127.0.0.1:${ports[transport]}`, transport, timeout: 20_000, ...cred })
      const before = reports.length
      try {
        const codes: unknown[] = []
        for (const userip of userips) codes.push((await drac.send(userip)).code)
        const told = (): string[] => [...new Set(reports.slice(before))]
        await expect.poll(() => told().length, { timeout: 20_000 }).toBe(userips.length)
        return { codes, told: told() }
      } finally {
        drac.close()
      }
    }

    test('version 1: an IPv4 address', async () => {
      expect(await report(['192.0.2.25', '255.254.128.1'])).toEqual({
        codes: [0, 0],
        told: ['1 192.0.2.25', '1 255.254.128.1'],
      })
    })

    test('version 2: an IPv6 address, octets of 0x80 and more included', async () => {
      expect(await report(['2001:db8::fffe', 'ff80:8081::7f'])).toEqual({
        codes: [0, 0],
        told: ['2 2001:db8::fffe', '2 ff80:8081::7f'],
      })
    })

    test('a mapped address is version 1', async () => {
      expect(await report(['::ffff:192.0.2.26'])).toEqual({ codes: [0], told: ['1 192.0.2.26'] })
    })

    test('every addstat', async () => {
      const v4 = [0, 1, 2, 3].map((n) => `203.0.113.${n}`)
      const v6 = [1, 2, 3].map((n) => `2001:db8:113::${n}`)
      expect((await report([...v4, ...v6])).codes).toEqual([0, 1, 2, 3, 1, 2, 3])
    })

    test('AUTH_SYS', async () => {
      const cred = encodeAuthSys({ stamp: 1, machinename: 'pop.example.net', uid: 8, gid: 12, gids: [8, 12] })
      expect((await report(['192.0.2.27'], { cred })).codes).toEqual([0])
    })

    test('a thousand reports, a hundred at a time', async () => {
      const drac = new DracClient({ hosts: `127.0.0.1:${ports[transport]}`, transport, timeout: 20_000 })
      try {
        for (let round = 0; round < 10; round++) {
          const sent = Array.from({ length: 100 }, (_, i) => drac.send(`198.51.${100 + round}.${i}`))
          expect(new Set((await Promise.all(sent)).map(({ code }) => code))).toEqual(new Set([0]))
        }
      } finally {
        drac.close()
      }
    })
  })

  test('the golden bytes are what libtirpc here makes', () => {
    const make = compile('test/vectors/oncrpc-make.c')
    for (const [what, file] of [
      ['oncrpc', 'oncrpc.txt'],
      ['portmap', 'oncrpc-portmap.txt'],
      ['drac', 'drac.txt'],
    ] as const) {
      const recorded = readFileSync(join('test/vectors', file), 'utf8').replace(/^#.*\n/, '')
      expect(run(make, what)).toBe(recorded)
    }
  })
})

const RPCBIND = ['/usr/sbin/rpcbind', '/sbin/rpcbind', resolve('.cache/interop/rpcbind/sbin/rpcbind')].find((path) =>
  existsSync(path),
)
const why = !RPCBIND
  ? 'no rpcbind; apt-get install rpcbind'
  : spawnSync('unshare', ['--net', '--mount', 'ip', 'link']).status !== 0
    ? 'needs root on Linux, for a network namespace'
    : undefined
if (why) console.warn(`skipped: the client's port look-up with rpcbind: ${why}`)

test.skipIf(why)(
  'the port is found through a real rpcbind, IPv4 and IPv6, UDP and TCP',
  () => {
    const script = `mount -t tmpfs -o mode=755 tmpfs /run && ${MAKE_RPC_USER} && ip link set lo up || exit 1
    "$RPCBIND" -f & pid=$!
    "$NODE" "$CHILD"; status=$?
    kill $pid; wait $pid
    exit $status`
    const stdout = execFileSync(
      'unshare',
      ['--net', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script],
      {
        encoding: 'utf8',
        timeout: 60_000,
        env: { ...process.env, RPCBIND, NODE: process.execPath, CHILD: resolve('test/interop/rpc-client-rpcbind.ts') },
      },
    )
    const expected = ['127.0.0.1', '::1'].flatMap((host) =>
      ['udp', 'tcp'].flatMap((transport) => [
        [`${host} ${transport} 192.0.2.25 before`, -1],
        [`${host} ${transport} 192.0.2.25 after`, 0],
        [`${host} ${transport} 2001:db8::1 after`, 0],
      ]),
    )
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(expected))
  },
  90_000,
)
