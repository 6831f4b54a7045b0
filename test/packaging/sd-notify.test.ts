// What dracd tells systemd, received as systemd receives it. Real systemd needs to be the machine's first process.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { serviceManager } from '../../src/daemon/sd-notify.ts'
import { DracdProcess, removeFolder, temporaryFolder } from '../daemon/process.ts'
import { until } from '../interop/wait.ts'
import { NotifySocket } from './notify-socket.ts'

vi.setConfig({ testTimeout: 120_000 }) // a busy machine takes long to start a program

const root = temporaryFolder()
const sockets: NotifySocket[] = []
beforeAll(() => {
  if (has('gcc')) execFileSync('gcc', ['-Wall', '-Werror', '-o', SENDER, 'packaging/systemd/sd-notify.c'])
})
afterAll(() => {
  for (const socket of sockets) socket.close()
  removeFolder(root)
})

const SENDER = join(root, 'sd-notify')
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const SENDERS = [
  { name: "the package's own sender", needs: 'gcc', sender: SENDER },
  { name: 'systemd-notify in a shell', needs: 'systemd-notify', sender: '/nonexistent' },
]
for (const { needs } of SENDERS) if (!has(needs)) console.warn(`skipped: sd-notify by ${needs}: it is not installed`)

async function listening(name: string): Promise<{ folder: string; socket: NotifySocket }> {
  const folder = join(root, name)
  mkdirSync(folder)
  const socket = await NotifySocket.open(folder)
  sockets.push(socket)
  return { folder, socket }
}

test.each(SENDERS.filter(({ needs }) => has(needs)))(
  '$name sends each message as one datagram',
  async ({ needs, sender }) => {
    const { socket } = await listening(needs)
    const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '200000' }
    const manager = serviceManager(env, sender)
    expect(env).not.toHaveProperty('NOTIFY_SOCKET')
    manager.ready()
    manager.reloading()
    manager.watch(() => 'two words\n*')
    await socket.received('WATCHDOG=1', 3)
    manager.stopping()
    await socket.received('STOPPING=1')
    const [, ready, reloading, status, ping] = socket.messages
    expect(ready).toBe('READY=1')
    expect(reloading).toMatch(/^RELOADING=1\|MONOTONIC_USEC=\d+$/)
    expect(status).toBe('STATUS=two words *')
    expect(ping).toBe('WATCHDOG=1|STATUS=two words *')
  },
)

test.runIf(has('gcc'))(
  "the package's own sender outlives the signals that stop the service, and ends with its input",
  () => {
    const { status } = spawnSync('sh', ['-c', `(sleep 0.2; echo X=1) | NOTIFY_SOCKET=/nonexistent ${SENDER}`])
    expect(status).toBe(0)
    expect(spawnSync(SENDER, [], { env: {} }).status).toBe(1)
  },
)

test('no watchdog when it is meant for another process, and nothing at all without a socket', async () => {
  const { socket } = await listening('other')
  const env = { PATH: process.env.PATH, NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' }
  const manager = serviceManager(env, SENDER)
  manager.watch(() => 'up')
  await socket.received('STATUS=up')
  manager.stopping()
  await socket.received('STOPPING=1')
  expect(socket.count('WATCHDOG')).toBe(0)
  expect(() => serviceManager({}).ready()).not.toThrow()
})

test.runIf(has('systemd-notify'))(
  'dracd says when it is ready, reloads, lives and stops; its children do not',
  async () => {
    const { folder, socket } = await listening('dracd')
    const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '300000' }
    const dracd = await DracdProcess.start(folder, { env })
    await socket.received('WATCHDOG=1|STATUS=Answering, 0 entries', 2)
    expect(socket.messages.indexOf('READY=1')).toBe(1)
    expect(await dracd.auth('192.0.2.5')).toBe(0)
    await socket.received('WATCHDOG=1|STATUS=Answering, 1 entries')
    dracd.child.kill('SIGHUP')
    await socket.received('READY=1', 2)
    expect(socket.messages.findIndex((text) => text.startsWith('RELOADING'))).toBeLessThan(
      socket.messages.lastIndexOf('READY=1'),
    )
    expect(await dracd.end()).toBe(0)
    await socket.received('STOPPING=1')
  },
)

test.runIf(has('systemd-notify'))('a daemon that does not start never says it is ready', async () => {
  const { folder, socket } = await listening('wrong')
  const dracd = new DracdProcess(folder, { env: { NOTIFY_SOCKET: socket.path }, set: { ipv4_prefix: '0' } })
  expect(await dracd.ended()).toBe(78)
  await until('the log', () => dracd.log.length > 0)
  expect(socket.messages).toEqual(['listening'])
})
