// The real logrotate turns the log over while a server writes to it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { until } from '../interop/wait.ts'
import { loginLine } from './log-lines.ts'
import { logStatus } from './log-status.ts'
import { DracdProcess, removeFolder, temporaryFolder } from './process.ts'

/** Some daemons one after the other, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000 })

const LOGROTATE = resolve('.cache/interop/logrotate/usr/sbin/logrotate')
const missing = !existsSync(LOGROTATE)
if (missing) console.warn('skipped: test/daemon/logrotate.test.ts: no logrotate; npm test as root on Debian fetches it')
const ROTATIONS = 3

describe.skipIf(missing)('logrotate', () => {
  let folder: string
  let log: string
  let dracd: DracdProcess
  let server: Server
  beforeEach(async () => {
    folder = temporaryFolder()
    mkdirSync(join(folder, 'log'))
    log = join(folder, 'log', 'mail.log')
    server = new Server(log)
    dracd = await DracdProcess.start(folder, { set: { log: `[{path = "${log}"}]` } })
  })
  afterEach(async () => {
    server.close()
    if (dracd.child.exitCode === null && dracd.child.signalCode === null) await dracd.end('SIGKILL')
    removeFolder(folder)
  })

  async function rotate(directives: string): Promise<void> {
    const config = join(folder, 'logrotate.conf')
    writeFileSync(config, `"${log}" {\n  rotate 20\n  size 1\n${directives}}\n`, { mode: 0o600 })
    const child = spawn(LOGROTATE, ['--force', '--state', join(folder, 'logrotate.state'), config], {
      stdio: 'inherit',
    })
    const ended = once(child, 'exit')
    while (child.exitCode === null && child.signalCode === null) {
      server.log()
      await turn()
    }
    expect((await ended)[0]).toBe(0)
  }

  test.each([
    ['create, and a server that is late to reopen its log', '  create 0640\n', true],
    ['create with dates', '  create 0640\n  dateext\n  dateformat -%Y%m%d-%s\n', true],
    ['copytruncate', '  copytruncate\n', false],
  ])('%s: every line that is in a file counts once', async (_, directives, reopens) => {
    for (let i = 0; i < ROTATIONS; i++) {
      for (let n = 0; n < 20; n++) server.log()
      await rotate(directives)
      for (let n = 0; n < 20; n++) server.log()
      if (reopens) server.reopen()
      // Dates are whole seconds: two rotations in one would be one.
      const second = Math.floor(Date.now() / 1000)
      if (directives.includes('%s')) await until('the next second', () => Date.now() / 1000 > second + 1)
    }
    server.log()
    const files = readdirSync(join(folder, 'log')).map((name) => readFileSync(join(folder, 'log', name), 'utf8'))
    const kept = files.flatMap((text) => [...text.matchAll(/rip=([\d.]+)/g)].map((match) => match[1]!))
    expect(files.length).toBe(ROTATIONS + 1)
    if (reopens) expect(new Set(kept).size).toBe(server.count)
    await until('all of them', async () => (await logStatus(dracd)).events >= kept.length)
    const list = JSON.parse((await dracd.drac('list', '--json')).stdout) as { address: string }[]
    const permitted = new Set(list.map(({ address }) => address))
    expect(kept.filter((address) => !permitted.has(address))).toEqual([])
    // What logrotate lost between its copy and its cut may have been seen before.
    expect(await logStatus(dracd)).toMatchObject({ lines: permitted.size, events: permitted.size })
  })
})

/** Writes one login after the other, each from another address. */
class Server {
  readonly #path: string
  #fd: number
  count = 0

  constructor(path: string) {
    this.#path = path
    this.#fd = openSync(path, 'a', 0o640)
  }

  log(): void {
    const n = this.count++
    writeSync(this.#fd, loginLine(`198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`))
  }

  reopen(): void {
    this.close()
    this.#fd = openSync(this.#path, 'a', 0o640)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
