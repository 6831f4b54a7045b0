// dracd following log files, as an administrator meets it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LogStatusView } from '../../src/admin/status.ts'
import { until } from '../interop/wait.ts'
import { endLine, loginLine, stamp } from './log-lines.ts'
import { logStatus } from './log-status.ts'
import { DracdProcess, type DracdProcessOptions, removeFolder, temporaryFolder } from './process.ts'

/** Some daemons one after the other, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000 })

let folder: string
let log: string
const running: DracdProcess[] = []
beforeEach(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'log'))
  log = join(folder, 'log', 'mail.log')
})
afterEach(async () => {
  for (const dracd of running.splice(0))
    if (dracd.child.exitCode === null && dracd.child.signalCode === null) await dracd.end('SIGKILL')
  removeFolder(folder)
})

const followed = (path = log, more = ''): Record<string, string> => ({ log: `[{path = "${path}"${more}}]` })
function begin(options: DracdProcessOptions = {}): DracdProcess {
  const dracd = new DracdProcess(folder, { ...options, set: { ...followed(), ...options.set } })
  running.push(dracd)
  return dracd
}
async function start(options: DracdProcessOptions = {}): Promise<DracdProcess> {
  const dracd = begin(options)
  await dracd.logged('ready')
  return dracd
}
const permits = (dracd: DracdProcess, address: string): Promise<true> =>
  until(`a permit for ${address}`, async () => (await dracd.lookup(address)) === 'OK OK')
const reads = (dracd: DracdProcess, lines: number): Promise<LogStatusView> =>
  until(`${lines} lines`, async () => {
    const status = await logStatus(dracd)
    return status.lines >= lines && status
  })

async function check(file: string): Promise<{ status: number | null; stderr: string }> {
  const child = spawn(process.execPath, [resolve('src/bin/dracd.ts'), '--config', file, '--check'])
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  await once(child, 'close')
  return { status: child.exitCode, stderr }
}

test('a line becomes a permit; status says what was read; the end of the session leaves one lifetime', async () => {
  const dracd = await start()
  expect((await dracd.drac('status')).stdout).toContain('waiting for the file')
  appendFileSync(log, loginLine('192.0.2.25').slice(0, 80))
  appendFileSync(log, `${loginLine('192.0.2.25').slice(80)}${stamp()} mailhost postfix/smtpd[7]: connect from x\n`)
  await permits(dracd, '192.0.2.25')
  expect((await dracd.drac('show', '192.0.2.25')).stdout).toContain('log dovecot')
  const stdout = (await dracd.drac('status')).stdout
  expect(stdout).toContain(`log         ${log}\n            2 lines, 1 event, the last`)
  expect(stdout).toContain('1 open')
  appendFileSync(log, endLine('192.0.2.25'))
  await until('the end', async () => (await dracd.drac('status')).stdout.includes('0 open, 1 ended'))
  expect(await dracd.lookup('192.0.2.25')).toBe('OK OK')
  expect(await dracd.lookup('192.0.2.26')).toBe('NOTFOUND ')
  expect(await dracd.end()).toBe(0)
})

test('in a log that is new to dracd, who logged in within the lifetime may relay, and nobody who did before', async () => {
  const now = Date.now()
  const old = Array.from({ length: 5000 }, (_, i) => loginLine('192.0.2.1', now - 7_200_000 + i))
  writeFileSync(`${log}.1`, loginLine('192.0.2.3', now - 900_000))
  writeFileSync(log, `${old.join('')}${loginLine('192.0.2.2', now - 600_000)}`)
  const dracd = await start({ set: { lifetime: '30m' } })
  await permits(dracd, '192.0.2.2')
  await permits(dracd, '192.0.2.3')
  expect(await dracd.lookup('192.0.2.1')).toBe('NOTFOUND ')
  expect(await logStatus(dracd)).toMatchObject({ lines: 2, events: 2, behind: 0 })
})

test('-i: nothing that was logged before counts, neither again nor for the first time', async () => {
  writeFileSync(log, loginLine('192.0.2.1', Date.now() - 60_000))
  const first = await start()
  await permits(first, '192.0.2.1')
  await first.end()
  appendFileSync(log, loginLine('192.0.2.2', Date.now() - 30_000))
  const second = await start({ args: ['-i'] })
  // An old line that comes late is as old as it says.
  appendFileSync(log, `${loginLine('192.0.2.3', Date.now() - 20_000)}${loginLine('192.0.2.4', Date.now() + 1000)}`)
  await permits(second, '192.0.2.4')
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    expect(await second.lookup(address), address).toBe('NOTFOUND ')
})

test('a restart, after a stop or kill -9 amid lines: nothing is lost, nothing counts twice', async () => {
  let lines = 0
  const write = (count: number): void => {
    for (let i = 0; i < count; i++, lines++) appendFileSync(log, loginLine(`198.51.${lines >> 8}.${lines & 255}`))
  }
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    const dracd = await start()
    write(300)
    // Amid them: some are read, some are stored, the position of some is kept.
    await reads(dracd, lines - 250)
    write(300)
    await dracd.end(signal)
    write(50)
    renameSync(log, `${log}.${lines}`)
    write(20)
  }
  const dracd = await start()
  await reads(dracd, lines)
  expect(await logStatus(dracd)).toMatchObject({ lines, events: lines, overlong: 0 })
  const { stdout } = await dracd.drac('list', '--json')
  expect(new Set((JSON.parse(stdout) as { address: string }[]).map(({ address }) => address)).size).toBe(lines)
})

test('a line that is read again after a revocation does not authorize again', async () => {
  const dracd = await start()
  appendFileSync(log, loginLine('192.0.2.25'))
  await permits(dracd, '192.0.2.25')
  await dracd.drac('revoke', '192.0.2.25')
  await dracd.end('SIGKILL')
  writeFileSync(join(folder, 'state', 'log-positions.json'), 'damaged')
  const again = await start()
  await reads(again, 1)
  appendFileSync(log, loginLine('192.0.2.26', Date.now() + 2000))
  await permits(again, '192.0.2.26')
  expect(await again.lookup('192.0.2.25')).toBe('NOTFOUND ')
})

test('hostile lines beside good ones: long, binary, without end', async () => {
  const dracd = await start()
  const binary = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) & 255))
  writeFileSync(log, loginLine('192.0.2.9'))
  await permits(dracd, '192.0.2.9')
  appendFileSync(log, `${'x'.repeat(1_048_576)}${loginLine('203.0.113.1')}${loginLine('192.0.2.1')}`)
  appendFileSync(log, binary)
  appendFileSync(log, `\n${loginLine('192.0.2.2')}${loginLine('203.0.113.2').repeat(1000).replaceAll('\n', ' ')}`)
  await permits(dracd, '192.0.2.2')
  appendFileSync(log, `\n${loginLine('192.0.2.3')}`)
  for (const address of ['192.0.2.1', '192.0.2.3']) await permits(dracd, address)
  for (const address of ['203.0.113.1', '203.0.113.2']) expect(await dracd.lookup(address)).toBe('NOTFOUND ')
  expect(await logStatus(dracd)).toMatchObject({ overlong: 2 })
})

test('what everybody may write to is not followed: not at the start, not after a rotation', async () => {
  writeFileSync(log, '')
  chmodSync(log, 0o666)
  const refusal = begin()
  expect(await refusal.ended()).toBe(78)
  expect(refusal.log.at(-1)).toMatchObject({
    event: 'not-started',
    message: expect.stringContaining(`chmod o-w ${log}`),
  })
  writeFileSync(join(folder, 'dracd.toml'), `[[log]]\npath = "${log}"\n`)
  expect(await check(join(folder, 'dracd.toml'))).toMatchObject({
    status: 78,
    stderr: expect.stringContaining('chmod'),
  })
  chmodSync(log, 0o640)

  const dracd = await start()
  renameSync(log, `${log}.1`)
  writeFileSync(`${log}.new`, loginLine('203.0.113.1'))
  chmodSync(`${log}.new`, 0o666)
  renameSync(`${log}.new`, log)
  await dracd.logged('log-failed', (line) => String(line.message).includes('writable by everybody'))
  expect(await dracd.lookup('203.0.113.1')).toBe('NOTFOUND ')
  expect((await dracd.drac('status')).stdout).toContain('FAILING: ')
  renameSync(log, `${log}.2`)
  writeFileSync(log, loginLine('192.0.2.1'), { mode: 0o640 })
  await permits(dracd, '192.0.2.1')
  await dracd.logged('log-recovered')
  expect(await dracd.lookup('203.0.113.1')).toBe('NOTFOUND ')
  // Mended in place: what came while it was open to everybody is not read, what comes after it is.
  chmodSync(log, 0o666)
  await dracd.logged('log-failed', (line) => line !== dracd.log.find(({ event }) => event === 'log-failed'))
  appendFileSync(log, `${loginLine('203.0.113.2')}${loginLine('203.0.113.3').slice(0, 60)}`)
  chmodSync(log, 0o640)
  await until('it is well', () => dracd.log.filter(({ event }) => event === 'log-recovered').length === 2)
  appendFileSync(log, `${loginLine('203.0.113.3').slice(60)}${loginLine('192.0.2.2')}`)
  await permits(dracd, '192.0.2.2')
  for (const address of ['203.0.113.2', '203.0.113.3']) expect(await dracd.lookup(address)).toBe('NOTFOUND ')
})

test('copytruncate, and a log written again past its old end at once', async () => {
  const dracd = await start()
  writeFileSync(log, loginLine('192.0.2.1'))
  await permits(dracd, '192.0.2.1')
  appendFileSync(log, loginLine('192.0.2.2'))
  copyFileSync(log, `${log}.1`)
  truncateSync(log)
  appendFileSync(log, `${loginLine('192.0.2.3')}${loginLine('192.0.2.4')}${loginLine('192.0.2.5')}`)
  for (const address of ['192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5']) await permits(dracd, address)
  expect(await logStatus(dracd)).toMatchObject({ lines: 5, events: 5 })
})

test("an administrator's own pattern, named in servers", async () => {
  const pattern = '{name = "popd", program = ["popd"], login = "login by <user> from <address>"}'
  const dracd = await start({ set: { ...followed(log, ', servers = ["popd"]'), log_pattern: `[${pattern}]` } })
  appendFileSync(log, `${loginLine('192.0.2.1')}${stamp()} mailhost popd[9]: login by bob from 192.0.2.2\n`)
  await permits(dracd, '192.0.2.2')
  expect(await dracd.lookup('192.0.2.1')).toBe('NOTFOUND ')
  expect((await dracd.drac('status')).stdout).toContain(`${log}, of popd`)
})
