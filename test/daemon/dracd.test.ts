// dracd as an administrator meets it: started, asked, reloaded, stopped.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../interop/wait.ts'
import { buildBtree } from './btree-file.ts'
import { DracdProcess, type DracdProcessOptions, LookupSession, removeFolder, temporaryFolder } from './process.ts'

let folder: string
const running: DracdProcess[] = []
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(async () => {
  for (const dracd of running.splice(0))
    if (dracd.child.exitCode === null && dracd.child.signalCode === null) await dracd.end('SIGKILL')
  removeFolder(folder)
})

async function start(options: DracdProcessOptions = {}): Promise<DracdProcess> {
  const dracd = new DracdProcess(folder, options)
  running.push(dracd)
  await dracd.logged('ready')
  return dracd
}

test.each(['udp', 'tcp'] as const)(
  'a login over %s opens the relay for that client and for no other',
  async (transport) => {
    const dracd = await start()
    expect(await dracd.lookup('192.0.2.25')).toBe('NOTFOUND ')
    expect(await dracd.auth('192.0.2.25', transport)).toBe(0)
    expect(await dracd.auth('2001:db8::5', transport)).toBe(0)
    expect(await dracd.lookup('192.0.2.25')).toBe('OK OK')
    expect(await dracd.lookup('IPv6:2001:db8:0:0:0:0:0:5')).toBe('OK OK')
    expect(await dracd.lookup('::ffff:192.0.2.25')).toBe('OK OK')
    expect(await dracd.lookup('192.0.2.26')).toBe('NOTFOUND ')
    expect(await dracd.lookup('2001:db8::6')).toBe('NOTFOUND ')
    expect(await dracd.lookup('client.example.com')).toBe('NOTFOUND ')
    expect(await dracd.end()).toBe(0)
  },
)

test('an authorization ends by itself, and survives a restart until then', async () => {
  const first = await start({ set: { lifetime: '6s' } })
  await first.auth('192.0.2.25')
  expect(await first.end()).toBe(0)
  const second = await start({ set: { lifetime: '6s' } })
  expect(await second.lookup('192.0.2.25')).toBe('OK OK')
  await until('the expiry', async () => (await second.lookup('192.0.2.25')) === 'NOTFOUND ')
  expect((await second.drac('show', '192.0.2.25')).stdout).toMatch(/^192\.0\.2\.25 may not relay\n/)
})

test('no acknowledged login is missing after kill -9', async () => {
  const first = await start()
  expect(await first.auth('192.0.2.25')).toBe(0)
  await first.end('SIGKILL')
  const second = await start()
  expect(await second.lookup('192.0.2.25')).toBe('OK OK')
})

test('a host that is not trusted gets ADD_PERM, and opens nothing', async () => {
  const dracd = await start({ set: { trusted_clients: '192.0.2.1' } })
  for (const transport of ['udp', 'tcp'] as const) expect(await dracd.auth('192.0.2.25', transport)).toBe(1)
  expect(await dracd.lookup('192.0.2.25')).toBe('NOTFOUND ')
  expect((await dracd.drac('show', '192.0.2.25')).stdout).toContain('its login was refused: untrusted-reporter')
  await dracd.logged('refused', (line) => line.reporter === '127.0.0.1' && line.reason === 'untrusted-reporter')
})

test('exempt and impossible addresses are accepted, stored nowhere, counted and explained', async () => {
  const dracd = await start({ set: { exempt_networks: '198.51.100.0/24' } })
  for (const address of ['198.51.100.7', '127.0.0.1', '::1', '224.0.0.1', '0.0.0.0', 'fe80::1']) {
    expect(await dracd.auth(address), address).toBe(0)
    expect(await dracd.lookup(address), address).toBe('NOTFOUND ')
  }
  expect((await dracd.drac('list')).stdout).toBe('nothing is authorized\n')
  expect((await dracd.drac('show', '198.51.100.7')).stdout).toContain('exempt_networks names 198.51.100.0/24')
  expect((await dracd.drac('show', '127.0.0.1')).stdout).toContain(
    'it is a loopback address, which is never authorized',
  )
  expect((await dracd.drac('status')).stdout).toContain('1 exempt, 5 impossible')
  const permit = await dracd.drac('permit', '198.51.100.7')
  expect(permit).toMatchObject({ code: 1, stdout: expect.stringContaining('exempt_networks names it') })
})

test('an exempt address may not relay from inside an authorized network', async () => {
  const dracd = await start({ set: { ipv6_prefix: '64', exempt_networks: '2001:db8:1:2::bad/128' } })
  expect(await dracd.auth('2001:db8:1:2::1')).toBe(0)
  expect(await dracd.lookup('2001:db8:1:2:ffff::9')).toBe('OK OK')
  expect(await dracd.lookup('2001:db8:1:3::1')).toBe('NOTFOUND ')
  expect(await dracd.lookup('2001:db8:1:2::bad')).toBe('NOTFOUND ')
})

test('a full table refuses new addresses with ADD_SYSERR and renews the old', async () => {
  const dracd = await start({ set: { max_entries: '2' } })
  expect(await dracd.auth('192.0.2.1')).toBe(0)
  expect(await dracd.auth('192.0.2.2')).toBe(0)
  expect(await dracd.auth('192.0.2.3')).toBe(2)
  expect(await dracd.auth('192.0.2.1')).toBe(0)
  expect(await dracd.lookup('192.0.2.3')).toBe('NOTFOUND ')
})

describe('the drac command', () => {
  test('permit, list, show, revoke and status', async () => {
    const dracd = await start()
    await dracd.auth('192.0.2.25')
    expect(
      await dracd.drac('permit', '2001:db8::7', '--for', '2h', '--user', 'alice', '--note', 'the scanner'),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2001:db8::7 may relay for (2h|1h 59m), until /),
    })
    const list = (await dracd.drac('list')).stdout.split('\n')
    expect(list[0]).toMatch(/^ADDRESS +LEFT +LAST LOGIN +REPORTED BY +USER$/)
    expect(list.slice(1, 3).map((line) => line.split(/\s+/)[0])).toEqual(['192.0.2.25', '2001:db8::7'])
    for (const line of list) expect(line.length).toBeLessThanOrEqual(80)
    expect((await dracd.drac('show', '2001:db8::7')).stdout).toMatch(/login +alice, .*: the scanner\n/)
    expect((await dracd.drac('show', '192.0.2.25')).stdout).toContain('a login was reported by drac-rpc 127.0.0.1')
    const status = (await dracd.drac('status')).stdout
    expect(status).toContain('2 of at most 1,000,000')
    for (const line of status.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)

    expect(await dracd.drac('revoke', '192.0.2.25')).toMatchObject({ code: 0, stdout: 'revoked 192.0.2.25\n' })
    expect(await dracd.lookup('192.0.2.25')).toBe('NOTFOUND ')
    expect(await dracd.drac('revoke', '192.0.2.25')).toMatchObject({ code: 1, stdout: 'nothing to revoke\n' })
    await dracd.logged('revoked', (line) => line.address === '192.0.2.25' && line.by !== '')
    expect(await dracd.drac('revoke', '--user', 'alice')).toMatchObject({ code: 0, stdout: 'revoked 2001:db8::7\n' })
    await dracd.auth('192.0.2.26')
    expect(await dracd.drac('revoke', '--source', 'drac-rpc')).toMatchObject({
      code: 0,
      stdout: 'revoked 192.0.2.26\n',
    })
    expect((await dracd.drac('list', '--json')).stdout).toBe('[]\n')
  })

  test('a login after a revocation counts, even when the call is the same to the byte', async () => {
    const dracd = await start()
    const { DracClient } = await import('../../src/client/index.ts')
    const client = new DracClient({ hosts: '127.0.0.1', port: dracd.port('drac_rpc', 'udp') })
    await client.send('192.0.2.25')
    await dracd.drac('revoke', '192.0.2.25')
    expect((await client.send('192.0.2.25')).code).toBe(0)
    expect(await dracd.lookup('192.0.2.25')).toBe('OK OK')
    client.close()
  })

  test('exit codes', async () => {
    expect(await new DracdProcess(folder, { args: ['--version'] }).ended()).toBe(0)
    const { drac } = await import('./process.ts')
    expect(await drac(folder, 'list')).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('no dracd is running there'),
    })
    const dracd = await start()
    expect((await dracd.drac('show', 'nonsense')).code).toBe(64)
    expect((await dracd.drac('revoke')).code).toBe(64)
    expect((await dracd.drac('frobnicate')).code).toBe(64)
    expect((await dracd.drac('permit', '192.0.2.1', '--for', 'soon')).code).toBe(64)
    const port = String(dracd.port('drac_rpc', 'udp'))
    expect(await dracd.drac('auth', '127.0.0.1', '192.0.2.1', '--port', port)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('may relay'),
    })
    expect((await dracd.drac('auth', '127.0.0.1', '192.0.2.1', '--port', '1', '--timeout', '0.3')).code).toBe(69)
    const hosts = join(folder, 'dracd.host')
    writeFileSync(hosts, `127.0.0.1:${port}\n`)
    expect((await dracd.drac('auth', '192.0.2.9', '--host-file', hosts)).code).toBe(0)
    writeFileSync(hosts, '')
    expect(await dracd.drac('auth', '192.0.2.9', '--host-file', hosts)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('DRAC is off'),
    })
  })
})

describe('as rpc.dracd', () => {
  const dbfile = () => join(folder, 'dracd.db')

  test('-e, -i and the dbfile', async () => {
    const first = await start({ args: ['-e', '45', dbfile()] })
    await first.auth('192.0.2.25')
    expect((await first.drac('show', '192.0.2.25')).stdout).toMatch(/may relay for (45m|44m)/)
    await until('the map', () => readFileSync(dbfile()).includes('192.0.2.25'))
    expect(statSync(dbfile()).mode & 0o777).toBe(0o640)
    expect(await first.end()).toBe(0)
    expect(readFileSync(dbfile()).includes('192.0.2.25')).toBe(false)

    const second = await start({ args: [dbfile()] })
    await until('the map again', () => readFileSync(dbfile()).includes('192.0.2.25'))
    await second.end('SIGKILL')
    expect(readFileSync(dbfile()).includes('192.0.2.25')).toBe(true)
    expect(await new DracdProcess(folder, { args: ['--empty-maps', dbfile()] }).ended()).toBe(0)
    expect(readFileSync(dbfile()).includes('192.0.2.25')).toBe(false)
    const third = await start({ args: ['-i', dbfile()] })
    expect(await third.lookup('192.0.2.25')).toBe('NOTFOUND ')
    expect(readFileSync(dbfile()).includes('192.0.2.25')).toBe(false)
  })

  test("takes over what the original's map still permits, once", async () => {
    const now = Math.floor(Date.now() / 1000)
    const original = buildBtree({
      '192.0.2.25': now + 600,
      '192.0.2.26': now - 600,
      '2001:db8::5': now + 999_999_999,
      '127.0.0.1': now + 600,
    })
    writeFileSync(dbfile(), original)
    const first = await start({ args: [dbfile()] })
    expect(await first.lookup('192.0.2.25')).toBe('OK OK')
    expect(await first.lookup('192.0.2.26')).toBe('NOTFOUND ')
    expect(await first.lookup('127.0.0.1')).toBe('NOTFOUND ')
    expect((await first.drac('show', '2001:db8::5')).stdout).toMatch(/may relay for (1d|23h 59m)/)
    await first.drac('revoke', '192.0.2.25')
    await first.end('SIGKILL')
    writeFileSync(dbfile(), original)
    const second = await start({ args: [dbfile()] })
    expect(await second.lookup('192.0.2.25')).toBe('NOTFOUND ')
  })

  test('the allow file beside the dbfile says who may report', async () => {
    writeFileSync(join(folder, 'dracd.allow'), '255.255.255.255 192.0.2.1\n')
    const dracd = await start({ args: [dbfile()] })
    expect(await dracd.auth('192.0.2.25')).toBe(1)
    writeFileSync(join(folder, 'dracd.allow'), '255.0.0.0 127.0.0.0\n')
    dracd.child.kill('SIGHUP')
    await dracd.logged('reloaded')
    expect(await dracd.auth('192.0.2.25')).toBe(0)
    writeFileSync(join(folder, 'dracd.allow'), 'nonsense\n')
    dracd.child.kill('SIGHUP')
    expect((await dracd.logged('reload-failed')).message).toMatch(/dracd\.allow:1: .*the old settings stay in force/)
    expect(await dracd.auth('192.0.2.26')).toBe(0)
  })

  test('present and empty: nobody. Missing, under the old name: this host', async () => {
    writeFileSync(join(folder, 'dracd.allow'), '')
    const dracd = await start({ args: [dbfile()] })
    expect(await dracd.auth('192.0.2.25')).toBe(1)
    await dracd.end()
    const link = join(folder, 'rpc.dracd.ts')
    symlinkSync(resolve('src/bin/dracd.ts'), link)
    mkdirSync(join(folder, 'mail'), { mode: 0o755 })
    const legacy = await start({ program: link, args: [join(folder, 'mail', 'dracd.db')] })
    expect(await legacy.auth('192.0.2.25')).toBe(0)
  })
})

describe('settings', () => {
  const check = async (text: string, ...args: string[]) => {
    const file = join(folder, 'dracd.toml')
    writeFileSync(file, text)
    const { spawnSync } = await import('node:child_process')
    const result = spawnSync(process.execPath, [resolve('src/bin/dracd.ts'), '--config', file, '--check', ...args], {
      encoding: 'utf8',
    })
    return { code: result.status, stderr: result.stderr.replaceAll(folder, '') }
  }

  test('--check says what is wrong and exits 78, or 0', async () => {
    expect(await check('lifetime = "20m"\n')).toEqual({ code: 0, stderr: '' })
    expect(await check('\nlifetme = "20m"\n')).toEqual({
      code: 78,
      stderr: 'dracd: /dracd.toml:2: lifetme: there is no such setting; did you mean lifetime? see dracd.toml(5)\n',
    })
    expect(await check('trusted_clients_file = "/nowhere"\n')).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('/nowhere: cannot be read'),
    })
    expect((await check('', '-e', 'x')).code).toBe(64)
  })

  test.each([
    [{ trusted_clients: '0.0.0.0/0' }, /trusts every host on the Internet/],
    [{ control: 'tcp:127.0.0.1:0' }, /the control socket has no password/],
    [{ 'socketmap.listen': '["udp:127.0.0.1:0"]' }, /is not a stream/],
  ])('refuses to start with %o, with one line and exit 78', async (set, expected) => {
    const dracd = new DracdProcess(folder, { set: set as unknown as Record<string, string> })
    running.push(dracd)
    expect(await dracd.ended()).toBe(78)
    expect(dracd.log).toHaveLength(1)
    expect(dracd.log[0]).toMatchObject({
      level: 'fatal',
      event: 'not-started',
      message: expect.stringMatching(expected),
    })
  })

  test('refuses a state directory that everybody may write to', async () => {
    mkdirSync(join(folder, 'state'))
    chmodSync(join(folder, 'state'), 0o777)
    const dracd = new DracdProcess(folder)
    running.push(dracd)
    expect(await dracd.ended()).toBe(78)
    expect(dracd.log.map(({ message }) => message)).toEqual([expect.stringContaining(join(folder, 'state'))])
  })

  test('SIGHUP takes new settings; a mistake changes nothing', async () => {
    const file = join(folder, 'dracd.toml')
    writeFileSync(file, 'exempt_networks = []\n')
    const dracd = await start({ args: ['--config', file] })
    await dracd.auth('192.0.2.25')
    writeFileSync(file, 'exempt_networks = ["192.0.2.0/24"]\nmax_entries = 7\n')
    dracd.child.kill('SIGHUP')
    expect((await dracd.logged('reloaded')).need_restart).toEqual(['max_entries'])
    expect(await dracd.lookup('192.0.2.25')).toBe('NOTFOUND ')
    writeFileSync(file, 'exempt_networks = ["192.0.2.1/24"]\n')
    dracd.child.kill('SIGHUP')
    expect((await dracd.logged('reload-failed')).message).toMatch(/dracd\.toml:1: exempt_networks\.0: .*stay in force/)
    expect(await dracd.lookup('192.0.2.25')).toBe('NOTFOUND ')
    expect(await dracd.end()).toBe(0)
  })
})

test('a session that is open stays open through a reload that fails, and one that takes a new value', async () => {
  const file = join(folder, 'dracd.toml')
  writeFileSync(file, 'lifetime = "30m"\n')
  const dracd = await start({ args: ['--config', file] })
  await dracd.auth('192.0.2.25')
  const session = await LookupSession.open(join(folder, 's.sock'))
  expect(await session.ask('192.0.2.25')).toBe('OK OK')
  const listening = dracd.port('drac_rpc', 'udp')
  const lifetime = async (): Promise<number> => JSON.parse((await dracd.drac('status', '--json')).stdout).lifetime

  writeFileSync(file, '# broken\nlifetime = "soon"\nexempt_networks = ["192.0.2.0/24"]\n')
  dracd.child.kill('SIGHUP')
  expect((await dracd.logged('reload-failed')).message).toMatch(/dracd\.toml:2: lifetime: .*stay in force/)
  expect(await session.ask('192.0.2.25')).toBe('OK OK')
  expect(await session.ask('192.0.2.26')).toBe('NOTFOUND ')
  expect(await lifetime()).toBe(1800)

  writeFileSync(file, 'lifetime = "1h"\nexempt_networks = ["192.0.2.0/24"]\n')
  dracd.child.kill('SIGHUP')
  await dracd.logged('reloaded')
  expect(await session.ask('192.0.2.25')).toBe('NOTFOUND ')
  expect(await lifetime()).toBe(3600)
  expect(dracd.port('drac_rpc', 'udp')).toBe(listening)
  expect(await dracd.auth('198.51.100.7')).toBe(0)
  expect(await session.ask('198.51.100.7')).toBe('OK OK')
  session.close()
})

test('two daemons cannot share a table', async () => {
  await start()
  const second = new DracdProcess(folder, { set: { control: `unix:${folder}/second.sock`, 'socketmap.listen': '[]' } })
  running.push(second)
  expect(await second.ended()).toBe(78)
  expect(existsSync(join(folder, 'second.sock'))).toBe(false)
})

describe('a damaged store', () => {
  const damage = () => writeFileSync(join(folder, 'state', 'drac.sqlite'), 'this is no database '.repeat(500))

  test('permits nothing, says so in one line, and is used again once it was moved away', async () => {
    mkdirSync(join(folder, 'state'), { mode: 0o750 })
    damage()
    const dracd = await start()
    expect(await dracd.auth('192.0.2.25')).toBe(2)
    expect(await dracd.lookup('192.0.2.25')).toMatch(/^TEMP /)
    expect(await dracd.lookup('client.example.com')).toBe('NOTFOUND ')
    expect(dracd.log.filter(({ event }) => event === 'store-down')).toHaveLength(1)
    expect((await dracd.drac('status')).stdout).toMatch(/^store +DOWN for /m)
    expect((await dracd.drac('show', '192.0.2.25')).stdout).toContain('try again later')
    expect((await dracd.drac('list')).code).toBe(75)
    const { renameSync } = await import('node:fs')
    renameSync(join(folder, 'state', 'drac.sqlite'), join(folder, 'state', 'damaged'))
    await dracd.logged('store-up')
    expect(await dracd.auth('192.0.2.25')).toBe(0)
    expect(await dracd.lookup('192.0.2.25')).toBe('OK OK')
  })
})
