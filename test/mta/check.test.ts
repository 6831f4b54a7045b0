// drac check beside the real dracd.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/mta/check/finding.ts'
import { DracdProcess } from '../daemon/process.ts'
import { drac } from './drac.ts'
import { FakeSmtp } from './fake-smtp.ts'

let folder: string
let config: string
const running: { stop(): unknown }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-check-'))
  config = join(folder, 'dracd.toml')
})
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
  rmSync(folder, { recursive: true })
})

/** A unix socket for every look-up, and what the system chooses for reports. */
const SETTINGS = (more = '') => `state_directory = "${folder}/state"
control = "unix:${folder}/control.sock"
${more}
[drac_rpc]
portmapper = "off"
[socketmap]
listen = ["unix:${folder}/socketmap.sock", "tcp:127.0.0.1:0"]
`
async function start(): Promise<DracdProcess> {
  const dracd = await DracdProcess.start(folder, {
    args: ['--config', config],
    set: { 'socketmap.listen': `["unix:${folder}/socketmap.sock", "tcp:127.0.0.1:0"]` },
  })
  running.push({ stop: () => dracd.child.kill('SIGKILL') })
  return dracd
}
async function check(...args: string[]): Promise<{ code: number | null; findings: Finding[]; bad: string[] }> {
  const { code, stdout, stderr } = await drac(['check', '--config', config, '--json', ...args])
  expect(stderr).toBe('')
  const findings = JSON.parse(stdout) as Finding[]
  const bad = findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, where, message }) => `${level} ${where}: ${message}`)
  return { code, findings, bad: bad.map((line) => line.replaceAll(folder, '')) }
}

describe('a daemon that runs', () => {
  test('all is well: exit 0, and every listener answers', async () => {
    writeFileSync(config, SETTINGS())
    await start()
    const { code, findings, bad } = await check()
    expect(bad).toEqual([])
    expect(code).toBe(0)
    const where = findings.map((each) => each.where.replace(/\d+$/, 'N'))
    expect(where).toEqual(
      expect.arrayContaining([
        'dracd',
        'store',
        'drac_rpc udp:127.0.0.1:N',
        'drac_rpc tcp:127.0.0.1:N',
        `socketmap unix:${folder}/socketmap.sock`,
        'socketmap tcp:127.0.0.1:N',
      ]),
    )
    const text = await drac(['check', '--config', config])
    expect(text.stdout).toMatch(/^ok {7}dracd: /m)
  })

  test('every kind of listener is asked in its own protocol', async () => {
    const all = ['tcp_table', 'policy', 'readsocket', 'whoson'].map(
      (name) => `[${name}]\nlisten = ["unix:${folder}/${name}.sock", "tcp:127.0.0.1:0"]\n`,
    )
    const local = ['report', 'cyrus'].map((name) => `[${name}]\nlisten = ["unix:${folder}/${name}.sock"]\n`)
    const dns = '[dns_list]\nlisten = ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]\n'
    writeFileSync(config, SETTINGS() + [...all, ...local, dns].join(''))
    await start()
    const { code, findings, bad } = await check()
    expect(bad).toEqual([])
    expect(code).toBe(0)
    expect(findings.filter(({ message }) => message === 'answers')).toHaveLength(2 + 2 + 4 * 2 + 2 + 2)
  })

  test('a map whose command fails', async () => {
    writeFileSync(
      config,
      `${SETTINGS()}[[map]]\npath = "${folder}/dracd.db"\ncommand = "echo no such thing >&2; exit 3"\n`,
    )
    await start()
    await expect
      .poll(async () => (await check()).bad, { timeout: 20_000 })
      .toEqual([expect.stringMatching(/^error map \/dracd\.db: failing.*: its command failed: .*no such thing/)])
  })

  test('a listener and a map that came into the settings later: exit 1', async () => {
    writeFileSync(config, SETTINGS())
    await start()
    writeFileSync(
      config,
      `${SETTINGS()}[[map]]\npath = "${folder}/dracd.db"\n`.replace(
        'socketmap.sock"',
        'socketmap.sock", "unix:/nowhere/s"',
      ),
    )
    const { code, bad } = await check()
    expect(bad).toEqual([
      expect.stringMatching(/^warning map \/dracd\.db: the running dracd does not keep it/),
      expect.stringMatching(/^error socketmap unix:\/nowhere\/s: does not answer: .*ENOENT/),
    ])
    expect(code).toBe(1)
  })

  test('a folder that everybody may write to', async () => {
    writeFileSync(config, `${SETTINGS()}[[map]]\npath = "${folder}/maps/dracd.db"\n`)
    mkdirSync(join(folder, 'maps'))
    await start()
    chmodSync(join(folder, 'maps'), 0o777)
    expect((await check()).bad).toEqual([expect.stringMatching(/^error \/maps: writable by everybody/)])
    chmodSync(join(folder, 'maps'), 0o1777) // as /tmp
    expect((await check()).bad).toEqual([])
  })
})

describe('no daemon', () => {
  test('exit 69, and no stale map when it was stopped', async () => {
    writeFileSync(config, `${SETTINGS()}[[map]]\npath = "${folder}/dracd.db"\n`)
    const dracd = await start()
    expect(await dracd.auth('192.0.2.25')).toBe(0)
    dracd.child.kill('SIGTERM')
    await new Promise((resolve) => dracd.child.once('close', resolve))
    const { code, bad } = await check()
    expect(code).toBe(69)
    expect(bad[0]).toMatch(/^warning dracd unix:\/control\.sock: .*no dracd is running there/)
    expect(bad.filter((line) => line.includes('goes on permitting'))).toEqual([])
  })

  test('a map that a killed daemon has left goes on permitting', async () => {
    writeFileSync(config, `${SETTINGS()}[[map]]\npath = "${folder}/dracd.db"\n`)
    const dracd = await start()
    expect(await dracd.auth('192.0.2.25')).toBe(0)
    await expect
      .poll(async () => (await check()).findings.find(({ where }) => where.startsWith('map'))?.message, {
        timeout: 20_000,
      })
      .toMatch(/1 entries, up to date/)
    dracd.child.kill('SIGKILL')
    await new Promise((resolve) => dracd.child.once('close', resolve))
    const { code, bad } = await check()
    expect(code).toBe(69)
    expect(bad).toContainEqual('error map /dracd.db: dracd is not running, and the file goes on permitting: 1 key')
  })

  test('settings that cannot be read: exit 78', async () => {
    writeFileSync(config, 'lifetme = 1\n')
    const { code, stderr } = await drac(['check', '--config', config])
    expect({ code, stderr }).toMatchObject({ code: 78, stderr: expect.stringContaining('lifetme') })
  })

  test('a socket that takes connections and says nothing', async () => {
    writeFileSync(config, SETTINGS())
    const silent = createServer().listen(join(folder, 'socketmap.sock'))
    running.push({ stop: () => silent.close() })
    expect((await check()).bad).toContainEqual(
      expect.stringMatching(/^error socketmap unix:\/socketmap\.sock: does not answer: no answer in 5 s/),
    )
  })
})

test.skipIf(process.platform !== 'linux')('--mta reads the configuration and asks the server', async () => {
  writeFileSync(config, SETTINGS())
  await start()
  const port = JSON.parse((await drac(['status', '--json', '--control', `unix:${folder}/control.sock`])).stdout)
    .endpoints.socketmap[1] as string
  const main = join(folder, 'main.cf')
  writeFileSync(join(folder, 'master.cf'), 'smtp inet n - n - - smtpd\n')
  const list = `smtpd_relay_restrictions = permit_mynetworks, permit_auth_destination, check_client_access socketmap:${port.replace('tcp', 'inet')}:drac, reject_unauth_destination\n`
  writeFileSync(config, SETTINGS().replace('tcp:127.0.0.1:0', port))
  writeFileSync(main, `mynetworks = 127.0.0.1/32\n${list}`)
  let reply = '554 5.7.1 Relay access denied'
  const fake = await FakeSmtp.start(() => reply)
  running.push(fake)
  const args = ['--mta', 'postfix', '--file', main, '--smtp', fake.place]
  expect(await check(...args)).toMatchObject({ code: 0, bad: [] })

  reply = '250 ok'
  expect((await check(...args)).bad).toEqual([
    expect.stringMatching(/OPEN RELAY: it accepts a recipient elsewhere from 127\.114\.99\.1/),
  ])
  expect((await check(...args, '--no-smtp')).bad).toEqual([])
  writeFileSync(main, `mynetworks = 0.0.0.0/0\n${list}`)
  const open = await check(...args)
  expect(open.code).toBe(1)
  expect(open.bad).toEqual([
    expect.stringMatching(/main\.cf:1: mynetworks holds 0\.0\.0\.0\/0: OPEN RELAY/),
    expect.stringMatching(/: not asked: every address/),
  ])
  expect(await drac(['check', '--config', config, '--mta', 'exchange'])).toMatchObject({ code: 64 })
})
