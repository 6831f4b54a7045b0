// Sockets that a service manager opened, handed over as sd_listen_fds(3) says.
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { dracauth } from '../../src/client/index.ts'
import { DracdProcess, drac, removeFolder, socketmap, temporaryFolder } from '../daemon/process.ts'

vi.setConfig({ testTimeout: 120_000 }) // a busy machine takes long to start a program

const root = temporaryFolder()
afterAll(() => removeFolder(root))

const through = (...endpoints: string[]): string[] => [
  'perl',
  resolve('test/packaging/activate.pl'),
  ...endpoints,
  '--',
]

/** A port that is free for TCP and UDP, as long as nobody else takes it. */
async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((done) =>
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)),
  )
  const socket = createSocket('udp4')
  await new Promise<void>((done) => socket.bind(port, '127.0.0.1', done))
  await Promise.all([new Promise((done) => server.close(done)), new Promise<void>((done) => socket.close(done))])
  return port
}

test('every kind of socket is served as it was handed over, and left to its owner at the end', async () => {
  const folder = join(root, 'all')
  mkdirSync(folder)
  const port = await freePort()
  const [tcp, udp, tcp6] = [`tcp:127.0.0.1:${port}`, `udp:127.0.0.1:${port}`, `tcp:[::1]:${port}`]
  const http = `tcp:127.0.0.2:${port}`
  writeFileSync(`${folder}/token`, 'open-sesame-open-sesame\n', { mode: 0o600 })
  const dracd = await DracdProcess.start(folder, {
    through: through(`unix:${folder}/s.sock`, tcp, udp, tcp6, http, `unix:${folder}/other.sock`),
    set: {
      'drac_rpc.listen': JSON.stringify([tcp, udp, 'udp:127.0.0.1:0']),
      'http.listen': JSON.stringify([http]),
      'http.token_file': `${folder}/token`,
      'policy.listen': JSON.stringify([tcp6]),
      'socketmap.listen': JSON.stringify([`unix:${folder}/s.sock`]),
    },
  })
  for (const transport of ['tcp', 'udp'] as const)
    expect((await dracauth('127.0.0.1', '192.0.2.5', { port, transport, timeout: 10_000 })).code).toBe(0)
  expect(await socketmap(`${folder}/s.sock`, '192.0.2.5')).toBe('OK OK')
  expect((await drac(folder, 'list')).stdout).toContain('192.0.2.5')
  expect((await fetch(`http://127.0.0.2:${port}/`)).status).toBe(401)
  expect((await dracd.logged('ready')).endpoints).toMatchObject({
    policy: [tcp6],
    socketmap: [`unix:${folder}/s.sock`],
  })
  expect((await dracd.logged('socket-activation')).message).toContain(`unix:${folder}/other.sock`)
  expect(await dracd.end()).toBe(0)
  expect(existsSync(`${folder}/s.sock`)).toBe(true)
})

test('sockets that are meant for another process are not ours', async () => {
  const folder = join(root, 'other')
  mkdirSync(folder)
  const tcp = `tcp:127.0.0.1:${await freePort()}`
  const dracd = new DracdProcess(folder, {
    through: through(tcp),
    env: { LISTEN_PID: '1' },
    set: { 'policy.listen': JSON.stringify([tcp]) },
  })
  expect(await dracd.ended()).toBe(78)
  expect((await dracd.logged('not-started')).message).toContain('EADDRINUSE')
})

test('a unix socket for HTTP is opened by dracd itself', async () => {
  const folder = join(root, 'control')
  mkdirSync(folder)
  const dracd = new DracdProcess(folder, { through: through(`unix:${folder}/control.sock`) })
  expect(await dracd.ended()).toBe(78)
  expect((await dracd.logged('not-started')).message).toContain('take it out of the socket unit')
})

test.runIf(spawnSync('systemd-socket-activate', ['--version']).error === undefined)(
  "systemd's own activator starts dracd with the first connection",
  async () => {
    const folder = join(root, 'systemd')
    mkdirSync(folder)
    const path = `${folder}/s.sock`
    const dracd = new DracdProcess(folder, {
      through: ['systemd-socket-activate', '-l', path],
      set: { 'socketmap.listen': JSON.stringify([`unix:${path}`]) },
    })
    await expect.poll(() => existsSync(path), { timeout: 20_000 }).toBe(true)
    expect(await socketmap(path, '192.0.2.5')).toBe('NOTFOUND ')
    expect(await dracd.end()).toBe(0)
  },
)
