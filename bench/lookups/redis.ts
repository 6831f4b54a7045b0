// redis-server and redis-benchmark of Debian, installed or unpacked under .cache/interop/redis.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, output, start } from '../harness/children.ts'
import type { Rate } from './rate.ts'

const ROOT = resolve(import.meta.dirname, '../../.cache/interop/redis')
const PACKAGES = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1']

export interface Redis {
  get(connections: number, seconds: number): Promise<Rate>
  stop(): Promise<unknown>
}

/** Undefined, with the reason on standard error, where there is no Redis to be had. */
export async function startRedis(folder: string): Promise<Redis | undefined> {
  if (!prepare()) return undefined
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const child = start(program('redis-server'), args, ['ignore', 'ignore', 'inherit'])
  const cli = (...words: string[]): string =>
    execFileSync(program('redis-cli'), ['-p', String(port), ...words], { encoding: 'utf8' })
  for (let tries = 0; tries < 200; tries++) {
    if (
      spawnSync(program('redis-cli'), ['-p', String(port), 'ping'])
        .stdout.toString()
        .startsWith('PONG')
    )
      break
    await sleep(50)
  }
  for (let number = 0; number < 1_000; number++) if (number % 100 === 0) cli('set', key(number), '4000000000')
  let perSecond = 20_000
  return {
    async get(connections, seconds) {
      const requests = Math.max(1_000, Math.round(perSecond * seconds))
      const bench = ['-p', String(port), '-P', '1', '-c', String(connections), '-n', String(requests), '--csv', 'get']
      const csv = await output(program('redis-benchmark'), [...bench, key(0)])
      perSecond = Number(/^"get[^"]*","([\d.]+)"/m.exec(csv)?.[1])
      return { perSecond }
    },
    stop: () => end(child, 'SIGKILL'),
  }
}

const key = (number: number): string => `drac:${number}`

function program(name: string): string {
  const unpacked = join(ROOT, 'usr/bin', name)
  return existsSync(unpacked) ? unpacked : name
}

function prepare(): boolean {
  if (!existsSync(join(ROOT, 'usr/bin/redis-server')) && spawnSync('redis-server', ['--version']).status !== 0) {
    if (!unpack()) return false
  }
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'].map((path) => join(ROOT, path))
  process.env.LD_LIBRARY_PATH = [...libraries, process.env.LD_LIBRARY_PATH ?? ''].join(':')
  const works = spawnSync(program('redis-benchmark'), ['--version'])
  if (works.status === 0) return true
  process.stderr.write(`   no Redis: ${works.error?.message ?? works.stderr}\n`)
  return false
}

/** Not installed: its package would start a server. */
function unpack(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'drac-redis-'))
  const download = spawnSync('apt-get', ['-q', 'download', ...PACKAGES], { cwd: folder, encoding: 'utf8' })
  if (download.status === 0) {
    mkdirSync(ROOT, { recursive: true })
    for (const deb of readdirSync(folder)) spawnSync('dpkg', ['-x', join(folder, deb), ROOT])
  } else process.stderr.write(`   no Redis: apt-get download: ${download.error?.message ?? download.stderr}\n`)
  rmSync(folder, { recursive: true, force: true })
  return download.status === 0
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}
