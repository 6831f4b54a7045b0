// drac-report: where it takes the login from, whom it tells, what it exits with, and that no login ever waits for it.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../interop/wait.ts'
import { Child, stopAll } from './children.ts'
import { type ControlServer, response, startControl } from './control-server.ts'
import { type RunningDracd, startDracd } from './dracd.ts'
import { type Fake, startFake } from './fake.ts'
import { openSpace } from './namespace.ts'
import { compile, make, removeFolder, skipping, temporaryFolder } from './toolchain.ts'

type Env = Readonly<Record<string, string>>
type Done = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

const HEADER = `0000000000000002000dbc050000000100000001${'00000000'.repeat(4)}`

afterAll(stopAll)

describe.skipIf(skipping('drac-report', 'gcc'))('drac-report', () => {
  const folder = temporaryFolder()
  const program = join(folder, 'drac-report')
  let fake: Fake
  let control: ControlServer
  /** Addresses of the version 1 calls that the fake server with this index has had. */
  const told = async (index = 0) => (await fake.got(index)).map((hex) => hex.slice(8).replace(HEADER, ''))
  const rpc = (index = 0) => `127.0.0.1:${fake.ports[index]}`

  /** Runs beside this process, which is the control socket's server. */
  async function run(args: readonly string[], env: Env = {}, input = ''): Promise<Done> {
    const child = new Child(program, args, { env: { ...env } })
    let stdout = ''
    let stderr = ''
    child.process.stdout!.on('data', (chunk) => {
      stdout += chunk
    })
    child.process.stderr!.on('data', (chunk) => {
      stderr += chunk
    })
    child.process.stdin!.end(input)
    const status = await child.end()
    return { status: typeof status === 'number' ? status : -1, stdout, stderr }
  }

  beforeAll(async () => {
    make(folder, 'CFLAGS=-O1 -Werror')
    fake = await startFake(['success', 'perm', 'syserr', 'silent'].map((behaviour) => `127.0.0.1:0=${behaviour}`))
    control = await startControl(join(folder, 'control.sock'))
  })
  afterAll(async () => {
    await fake?.stop()
    await control?.stop()
    removeFolder(folder)
  })

  test('is under 100 KB', () => {
    expect(statSync(program).size).toBeLessThan(100_000)
  })

  describe('over RPC', () => {
    test.each([
      [0, 0],
      [1, 1],
      [2, 75],
      [3, 69],
    ])('server %i: exit %i', async (index, status) => {
      const done = await run(['--host', rpc(index), '--timeout', '0.5', '192.0.2.25'])
      expect(done).toMatchObject({ status, stdout: '' })
      expect(done.stderr === '').toBe(status === 0)
      expect((await told(index)).at(-1)).toBe('c0000219')
    })

    test('an IPv6 address goes in version 2, a mapped one in version 1', async () => {
      await run(['--host', rpc(), '2001:db8::5'])
      expect((await fake.got()).at(-1)!.slice(32, 40)).toBe('00000002')
      await run(['--host', rpc(), '::ffff:192.0.2.1'])
      expect((await told()).at(-1)).toBe('c0000201')
    })

    test.each(['', 'localhost', '192.0.2', '192.0.2.1.', '010.0.2.1', '192.0.2.1/32', 'fe80::1%lo', '[::1]', '::g'])(
      '%j is no address',
      async (address) => {
        const before = (await fake.got()).length
        expect(await run(['--host', rpc(), address])).toMatchObject({ status: 64 })
        expect(await fake.got()).toHaveLength(before)
      },
    )

    test.each([
      [[]],
      [['--pam', '192.0.2.1', '--exit-status']],
      [['192.0.2.1', '192.0.2.2']],
      [['--host']],
      [['--what', '192.0.2.1']],
      [['--control', '/run/x', '192.0.2.1']],
      [['--timeout', 'soon', '192.0.2.1']],
      [['--while-parent-lives', '0', '192.0.2.1']],
      [['--while-parent-lives', '1x', '192.0.2.1']],
    ])('usage: %j', async (args) => {
      const { status, stderr } = await run(args)
      expect([status, stderr]).toEqual([64, expect.stringMatching(/^drac-report: .+\n$/)])
    })

    test('--help and --version', async () => {
      expect((await run(['--help'])).stdout).toContain('Usage: drac-report')
      expect((await run(['--version'])).stdout).toMatch(/^drac-report \d/)
    })
  })

  describe('over the control socket', () => {
    const tell = (...args: readonly string[]) =>
      run([`--control=unix:${control.path}`, '--timeout=1', '--verbose', ...args, '192.0.2.25'])

    test('the request', async () => {
      control.answer = response('200 OK', '{"status":"added"}')
      expect((await tell('--user', 'alice', '--source', 'qmail-pop3d')).status).toBe(0)
      const [head, body] = control.requests.at(-1)!.split('\n{') as [string, string]
      expect(head.split('\r\n')).toEqual([
        'POST /v1/logins HTTP/1.1',
        'Host: localhost',
        'User-Agent: drac-report',
        'Content-Type: application/json',
        'Connection: close',
        `Content-Length: ${body.length + 1}`,
      ])
      expect(JSON.parse(`{${body}`)).toEqual({ address: '192.0.2.25', user: 'alice', source: 'qmail-pop3d' })
    })

    test.each([
      'a"b\\c',
      'x\r\nContent-Length: 0\r\n\r\n',
      'tab\tbell\x07del\x7f',
      'é😀',
      '{"address":"1.2.3.4"}',
      'x'.repeat(255),
    ])('the user %j arrives as it is', async (user) => {
      control.answer = response('200 OK', '{"status":"added"}')
      expect((await tell('--user', user)).status).toBe(0)
      const body = control.requests.at(-1)!.slice(control.requests.at(-1)!.indexOf('\n{') + 1)
      expect(JSON.parse(body)).toEqual({ address: '192.0.2.25', user, source: 'drac-report' })
    })

    test.each([
      ['added', response('200 OK', '{"status":"added","x":{"y":[1]}}'), 0, '200 added'],
      ['ignored', response('200 OK', '{"status":"ignored","reason":"exempt"}'), 0, '200 ignored'],
      ['no length', 'HTTP/1.1 200 OK\r\n\r\n{"status":"renewed"}', 0, '200 renewed'],
      ['refused', response('403 Forbidden', '{"error":"untrusted-reporter"}'), 1, '403 untrusted-reporter'],
      ['bad request', response('400 Bad Request', '{"error":"bad\\u001b[2J"}'), 1, '400 bad?[2J'],
      ['not found', response('404 Not Found', ''), 1, '404'],
      ['trouble', response('503 Service Unavailable', '{"error":"table-full"}'), 75, '503 table-full'],
      ['too many', response('429 Too Many Requests', '[]'), 75, '429'],
      ['SSH', 'SSH-2.0-OpenSSH\r\n', 75, 'not an HTTP response'],
      ['cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"status":', 75, 'not an HTTP response'],
      [
        'two lengths',
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
        75,
        'not an HTTP response',
      ],
      ['endless', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(5000)}`, 75, 'not an HTTP response'],
      ['nothing', '', 75, 'not an HTTP response'],
    ])('%s', async (_name, answer, status, message) => {
      control.answer = answer
      expect(await tell()).toEqual({ status, stdout: '', stderr: `drac-report: 192.0.2.25: ${message}\n` })
    })

    test('a daemon that takes the connection and says nothing is not waited for', async () => {
      control.answer = undefined
      control.close = false
      expect(await tell()).toMatchObject({ status: 75, stderr: 'drac-report: 192.0.2.25: timed out\n' })
      control.answer = 'HTTP/1.1 200 OK\r\n'
      expect(await tell()).toMatchObject({ status: 75, stderr: 'drac-report: 192.0.2.25: timed out\n' })
      control.close = true
    })

    test('with --host, RPC is tried when the socket cannot be reached, and not when it answered', async () => {
      control.answer = response('403 Forbidden', '{}')
      const before = (await fake.got()).length
      expect((await tell('--host', rpc())).status).toBe(1)
      expect(await fake.got()).toHaveLength(before)
      const gone = ['--control', `unix:${folder}/none.sock`, '192.0.2.77']
      expect(await run(['--host', rpc(), ...gone])).toMatchObject({ status: 0, stderr: '' })
      expect((await told()).at(-1)).toBe('c000024d')
      expect(await run(gone)).toMatchObject({
        status: 69,
        stderr: `drac-report: 192.0.2.77: ${folder}/none.sock: No such file or directory\n`,
      })
      expect((await run(['--control', `unix:${'/x'.repeat(100)}`, '192.0.2.1'])).status).toBe(69)
    })
  })

  describe('from PAM', () => {
    const pam = { PAM_TYPE: 'account', PAM_RHOST: '::ffff:192.0.2.10', PAM_USER: 'alice', PAM_SERVICE: 'imap' }
    const tell = (env: Env, ...args: readonly string[]) =>
      run(['--pam', '--control', `unix:${control.path}`, '--timeout', '1', ...args], env)

    test('address, user and service', async () => {
      control.answer = response('200 OK', '{"status":"added"}')
      expect(await tell(pam)).toEqual({ status: 0, stdout: '', stderr: '' })
      expect(control.requests.at(-1)).toContain('\n{"address":"192.0.2.10","user":"alice","source":"pam-imap"}')
    })

    test('without --pam too', async () => {
      const before = control.requests.length
      expect((await run(['--control', `unix:${control.path}`], pam)).status).toBe(0)
      expect(control.requests).toHaveLength(before + 1)
    })

    test.each<[string, Env]>([
      ['auth, which runs after wrong passwords too', { PAM_TYPE: 'auth' }],
      ['the end of a session', { PAM_TYPE: 'close_session' }],
      ['a new password', { PAM_TYPE: 'password' }],
      ['no PAM_RHOST', { PAM_RHOST: '' }],
      ['a host name', { PAM_RHOST: 'client.example.net' }],
    ])('nothing for %s', async (_name, env) => {
      const before = control.requests.length
      expect(await tell({ ...pam, ...env })).toMatchObject({ status: 0, stderr: '' })
      expect(control.requests).toHaveLength(before)
    })

    test('a login never fails because of us, unless asked to', async () => {
      control.answer = response('503 Service Unavailable', '{}')
      expect(await tell(pam)).toMatchObject({ status: 0, stderr: '' })
      expect(await tell(pam, '--exit-status')).toMatchObject({ status: 75 })
      expect(await run(['--pam', '--what'], pam)).toMatchObject({ status: 0 })
      expect(await run(['--pam', '--host', rpc(3), '--timeout', '0.3'], pam)).toMatchObject({ status: 0, stderr: '' })
    })
  })

  describe('from Cyrus', () => {
    /** As notifyd executes notify_external. */
    const NOTIFYD = ['-c', 'EVENT', '-p', '', '-u', '', '-m', '', '-f', '']
    const event = (more: Record<string, unknown>) =>
      `${JSON.stringify({ event: 'Login', service: 'imap', clientIP: '192.0.2.10', user: 'alice', pid: 60, ...more })}\n`
    /** With the exit status, which makes it wait for the answer. */
    const tell = (input: string) => run(['--control', `unix:${control.path}`, '--exit-status', ...NOTIFYD], {}, input)

    test('real events of notify_external', async () => {
      control.answer = response('200 OK', '{"status":"added"}')
      const sample = readFileSync(resolve('test/libdrac/cyrus-notify_external.txt'), 'utf8')
      const events = sample.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
      const before = control.requests.length
      for (const line of events) expect(await tell(`${line}\n`)).toMatchObject({ status: 0, stderr: '' })
      const bodies = control.requests.slice(before).map((request) => request.slice(request.indexOf('\n{') + 1))
      const said = events.map((line) => JSON.parse(line))
      expect(said.filter((one) => one.event === 'Login').length).toBeGreaterThan(3)
      expect(bodies.map((body) => JSON.parse(body))).toEqual(
        said.map((one) => ({
          ...(one.event === 'Login' ? { address: one.clientIP, user: one.user } : {}),
          source: `cyrus-${one.service}`,
          session: one['vnd.cmu.sessionId'],
        })),
      )
      const targets = control.requests.slice(before).map((request) => request.split(' ')[1])
      expect(targets).toEqual(said.map((one) => (one.event === 'Login' ? '/v1/logins' : '/v1/logouts')))
    })

    test.each([
      ['a logout without a session', event({ event: 'Logout' })],
      ['a logout of sieve', event({ event: 'Logout', service: 'sieve', 'vnd.cmu.sessionId': 's' })],
      ['another event', event({ event: 'AclChange', 'vnd.cmu.sessionId': 's' })],
      ['sieve', event({ service: 'sieve' })],
      ['no service', event({ service: undefined })],
      ['no clientIP', event({ clientIP: undefined })],
      ['a host name', event({ clientIP: 'client.example' })],
      ['a number', event({ clientIP: 1234 })],
      ['an address in another field', event({ clientIP: undefined, user: '","clientIP":"192.0.2.66' })],
      ['one key twice', event({}).replace('{', '{"clientIP":"192.0.2.66",')],
      ['half an event', event({}).slice(0, 60)],
      ['two events', event({}) + event({})],
      ['nothing', ''],
      ['20 KB', event({ user: 'x'.repeat(20_000) })],
    ])('nothing for %s', async (_name, input) => {
      const before = control.requests.length
      const done = await run(['--control', `unix:${control.path}`, ...NOTIFYD], {}, input)
      expect(done).toMatchObject({ status: 0, stderr: '' })
      expect(control.requests).toHaveLength(before)
    })

    test('a session whose name is too long is none', async () => {
      control.answer = response('200 OK', '{"status":"added"}')
      await tell(event({ 'vnd.cmu.sessionId': 's'.repeat(127) }))
      expect(control.requests.at(-1)).toContain('"session":"ssss')
      await tell(event({ 'vnd.cmu.sessionId': 's'.repeat(128) }))
      expect(control.requests.at(-1)).toContain('"source":"cyrus-imap"}')
    })

    test('notifyd does not wait for a daemon that takes the event and says nothing', async () => {
      control.answer = undefined
      control.close = false
      const before = control.requests.length
      // Longer than this test may take.
      const args = ['--control', `unix:${control.path}`, '--timeout', '60', ...NOTIFYD]
      const child = new Child(program, args, { env: {} })
      child.process.stdin!.end(event({ 'vnd.cmu.sessionId': 'mark-notifyd' }))
      expect(await child.end()).toBe(0)
      await until('the event', () => control.requests.length > before)
      expect(control.requests.at(-1)).toContain('"session":"mark-notifyd"')
      await control.stop()
      control = await startControl(control.path)
    })

    test('without a control socket a login goes over RPC, and its end nowhere', async () => {
      const gone = ['--control', `unix:${folder}/none.sock`, '--host', rpc(), '--exit-status', ...NOTIFYD]
      const before = (await told()).length
      expect(await run(gone, {}, event({ 'vnd.cmu.sessionId': 's' }))).toMatchObject({ status: 0, stderr: '' })
      const end = event({ event: 'Logout', 'vnd.cmu.sessionId': 's' })
      expect(await run(gone, {}, end)).toMatchObject({ status: 0, stderr: '' })
      const rpcOnly = ['--host', rpc(), '--exit-status', ...NOTIFYD]
      expect(await run(rpcOnly, {}, end)).toMatchObject({ status: 0, stderr: '' })
      expect((await told()).slice(before)).toEqual(['c000020a'])
      expect((await run([...gone.slice(0, 2), '--exit-status', ...NOTIFYD], {}, end)).status).toBe(69)
    })

    test('an anonymous login, which anybody can make, goes to dracd with its name, and not over RPC', async () => {
      control.answer = response('200 OK', '{"status":"ignored"}')
      await tell(event({ user: 'anonymous' }))
      expect(control.requests.at(-1)).toContain('"user":"anonymous"')
      const before = (await told()).length
      const rpcOnly = ['--host', rpc(), '--exit-status', ...NOTIFYD]
      for (const user of ['anonymous', 'Anonymous@example.org'])
        expect(await run(rpcOnly, {}, event({ user }))).toMatchObject({ status: 0, stderr: '' })
      expect((await run(rpcOnly, {}, event({ user: 'anonymousse' }))).status).toBe(0)
      expect((await told()).slice(before)).toEqual(['c000020a'])
    })

    test('standard input that never ends is not waited for', async () => {
      const before = control.requests.length
      const args = ['--timeout', '0.5', '--control', `unix:${control.path}`, ...NOTIFYD]
      const child = new Child(program, args, { env: {} })
      child.process.stdin!.write(event({}))
      expect(await child.end()).toBe(0)
      await until('the event', () => control.requests.length === before + 1)
    })
  })

  describe('from Courier', () => {
    const courier = {
      TCPREMOTEIP: '::ffff:192.0.2.10',
      AUTHENTICATED: 'alice',
      PROTOCOL: 'IMAP',
      PATH: '/usr/bin:/bin',
    }

    test('address, user and protocol, within the memory that courierd leaves', async () => {
      control.answer = response('200 OK', '{"status":"added"}')
      const wrapper = `ulimit -v 131072; exec ${program} --courier --control unix:${control.path}`
      const child = new Child('sh', ['-c', wrapper], { env: courier })
      expect(await child.end()).toBe(0)
      expect(control.requests.at(-1)).toContain('\n{"address":"192.0.2.10","user":"alice","source":"courier-imap"}')
      const { PROTOCOL: _, ...pop } = { ...courier, TCPREMOTEIP: '2001:db8::5' }
      await run(['--courier', '--control', `unix:${control.path}`], pop)
      expect(control.requests.at(-1)).toContain('\n{"address":"2001:db8::5","user":"alice","source":"courier-pop3"}')
    })

    const running = (mark: string): string[] =>
      spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => line.includes(mark) && line.includes('drac-report') && !line.includes('sh -c'))
    /** A wrapper in place of imapd: what it becomes reads until its input ends. */
    const session = (mark: string, seconds: number) => {
      const report = `${program} --courier --while-parent-lives ${seconds} --source ${mark} --host ${rpc()}`
      return new Child('sh', ['-c', `${report}; echo $?; exec cat`], { env: courier })
    }

    test('--while-parent-lives reports again and again, and ends with the session', async () => {
      const before = (await told()).length
      const child = session('mark-renew', 1)
      await child.line('its exit status', (line) => line === '0')
      await until('three reports', async () => (await told()).length >= before + 3)
      expect(running('mark-renew')).toHaveLength(1)
      child.process.stdin!.end()
      expect(await child.end()).toBe(0)
      await until('the reporter to end', () => running('mark-renew').length === 0)
      const reports = (await told()).slice(before)
      expect(reports).toEqual(reports.map(() => 'c000020a'))
    })

    test('a login, then only that the client is still there, then its end; never RPC in between', async () => {
      control.answer = response('200 OK', '{"status":"added"}')
      const from = control.requests.length
      const bodies = () =>
        control.requests.slice(from).map((request) => {
          const [line, body] = [request.split(' HTTP')[0], request.slice(request.indexOf('\n{') + 1)]
          return [line, JSON.parse(body)]
        })
      const rpcBefore = (await fake.got()).length
      const report = `${program} --courier --while-parent-lives 1 --control unix:${control.path} --host ${rpc()}`
      const child = new Child('sh', ['-c', `${report}; exec cat`], { env: courier })
      await until('two renewals', () => bodies().length >= 3)
      child.process.stdin!.end()
      await until('the end', () => bodies().at(-1)![0] === 'POST /v1/logouts')
      const [login, ...rest] = bodies()
      const end = rest.pop()
      const { session } = login![1]
      expect(session).toMatch(new RegExp(`^${child.process.pid}[.]\\d+[.]\\d+$`))
      const common = { address: '192.0.2.10', user: 'alice', source: 'courier-imap', session, lease: 7 }
      expect(login).toEqual(['POST /v1/logins', common])
      expect(rest).toEqual(rest.map(() => ['POST /v1/logins', { ...common, kind: 'alive' }]))
      expect(end).toEqual(['POST /v1/logouts', { session, source: 'courier-imap' }])
      expect(await fake.got()).toHaveLength(rpcBefore)
    })

    test('once the socket has taken a session, RPC, which would undo a revocation, is not tried', async () => {
      const path = join(folder, 'short-lived.sock')
      const short = await startControl(path)
      short.answer = response('200 OK', '{"status":"added"}')
      const rpcBefore = (await fake.got()).length
      const report = `${program} --courier --while-parent-lives 1 --source mark-kept --control unix:${path} --host ${rpc()}`
      const child = new Child('sh', ['-c', `${report}; exec cat`], { env: courier })
      await until('the login', () => short.requests.length > 0)
      await short.stop()
      const again = await startControl(path)
      again.answer = short.answer
      await until('a renewal', () => again.requests.length > 0)
      expect(again.requests[0]).toContain('"kind":"alive"')
      child.process.stdin!.end()
      await until('the reporter to end', () => running('mark-kept').length === 0)
      expect(await fake.got()).toHaveLength(rpcBefore)
      await again.stop()
    })

    test('a login that nobody heard is a login of its own time when it is heard', async () => {
      const path = join(folder, 'late.sock')
      const report = `${program} --courier --while-parent-lives 1 --control unix:${path}`
      const before = Math.floor(Date.now() / 1000)
      const child = new Child('sh', ['-c', `${report}; echo $?; exec cat`], { env: courier })
      await child.line('its exit status', (line) => line === '0')
      const after = Math.floor(Date.now() / 1000) + 1
      const reporter = (): string[] => running(path)
      await until('the reporter to have met nobody', () => reporter().length === 1 && waits(reporter()[0]!))
      const late = await startControl(path)
      late.answer = response('200 OK', '{"status":"added"}')
      await until('the login', () => late.requests.length > 0)
      const body = JSON.parse(late.requests[0]!.slice(late.requests[0]!.indexOf('\n{') + 1))
      expect(body).not.toHaveProperty('kind')
      expect(body.at).toBeGreaterThanOrEqual(before)
      expect(body.at).toBeLessThanOrEqual(after)
      await until('a renewal', () => late.requests.length > 1)
      expect(late.requests[1]).toContain('"kind":"alive"')
      expect(late.requests[1]).not.toContain('"at"')
      child.process.stdin!.end()
      await until('the end', () => late.requests.at(-1)!.startsWith('POST /v1/logouts'))
      await late.stop()
    })

    /** Only its wait for the session's end holds a descriptor of the session's process. */
    const waits = (line: string): boolean =>
      openFiles(Number(line.trim().split(' ')[0])).some((file) => file.includes('pidfd')) &&
      openFiles(Number(line.trim().split(' ')[0])).every((file) => !file.includes('pipe:'))

    test('--background: nobody waits for an answer, and one report is made', async () => {
      control.answer = undefined
      control.close = false
      const from = control.requests.length
      const args = ['--courier', '--background', '--timeout=20', '--control', `unix:${control.path}`]
      expect(await run(args, courier)).toEqual({ status: 0, stdout: '', stderr: '' })
      await until('the report', () => control.requests.length > from)
      expect(control.requests.at(-1)).not.toContain('session')
      expect(running(control.path).length).toBeGreaterThan(0)
      control.close = true
      spawnSync(
        'kill',
        running(control.path).map((line) => line.trim().split(' ')[0]!),
      )
    })

    test('it lets go of the connection: the session can end before it does', async () => {
      const child = session('mark-hour', 3600)
      await child.line('its exit status', (line) => line === '0')
      await until('the reporter', () => running('mark-hour').length === 1)
      const [pid] = running('mark-hour')[0]!.trim().split(' ')
      await until('its descriptors to be let go', () => openFiles(Number(pid)).every((file) => !file.includes('pipe:')))
      child.process.kill('SIGKILL')
      await child.end() // once its outputs are closed everywhere
      await until('the reporter to end', () => running('mark-hour').length === 0)
    })

    const alone = skipping('drac-report without a parent', 'root, for a network namespace')
    test.skipIf(alone)('a reporter whose parent has ended already reports once and does not stay', async () => {
      const before = (await told()).length
      const orphan = `(sleep 0.3; exec ${program} --courier --while-parent-lives 3600 --source mark-orphan --host ${rpc()})`
      // In a pid namespace of its own, so that process 1 inherits it and not a manager of user processes.
      const child = new Child('unshare', ['--pid', '--fork', 'sh', '-c', `sh -c '${orphan} &'; sleep 600`], {
        env: courier,
        detached: true,
      })
      await until('the report', async () => (await told()).length > before)
      await until('its end', () => running('mark-orphan').length === 0)
      process.kill(-child.process.pid!, 'SIGKILL')
      await child.end()
    })

    const openFiles = (pid: number): string[] => {
      const { stdout } = spawnSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' })
      return stdout.split('\n').filter((line) => line.includes('->'))
    }
  })

  test('the real dracd', async () => {
    const state = join(folder, 'state')
    mkdirSync(state)
    const dracd: RunningDracd = await startDracd(state)
    const env = { PAM_TYPE: 'open_session', PAM_RHOST: '203.0.113.5', PAM_USER: 'bob', PAM_SERVICE: 'pop' }
    expect((await run(['--control', `unix:${dracd.control}`, '--exit-status'], env)).status).toBe(0)
    expect((await run(['--host', `localhost:${dracd.udpPort}`, '203.0.113.6'])).status).toBe(0)
    expect((await run(['--control', `unix:${dracd.control}`, '--verbose', '127.0.0.1'])).stderr).toContain('ignored')
    expect((await dracd.addresses()).sort()).toEqual(['203.0.113.5', '203.0.113.6'])
    const [first] = (await dracd.listed()).filter(({ address }) => address === '203.0.113.5')
    expect(first!.logins).toMatchObject([{ user: 'bob', source: expect.stringContaining('pam-pop') }])
    await dracd.stop()
  })

  describe.skipIf(skipping("drac-report's defaults", 'root, for a network namespace'))(
    'without being told whom',
    () => {
      test('DRACHOST, the host file, the control socket, localhost', async () => {
        const place = mkdtempSync(join(folder, 'space-'))
        const inside = await openSpace(place)
        const within = (env: Env, ...args: readonly string[]) =>
          spawnSync(inside.enter[0]!, [...inside.enter.slice(1), program, ...args], { encoding: 'utf8', env })
        const server = await startFake(['127.0.0.1:0=success', '127.0.0.1:0=success'], inside.enter)
        const hostFile = join(inside.etc, 'mail/dracd.host')

        expect(within({}, '192.0.2.1')).toMatchObject({ status: 69, stderr: expect.stringContaining('Port mapper') })
        writeFileSync(hostFile, `# the relay\n127.0.0.1:${server.ports[0]} # first\n127.0.0.1:${server.ports[1]}\n`)
        expect(within({}, '192.0.2.1')).toMatchObject({ status: 0, stderr: '' })
        expect([(await server.got(0)).length, (await server.got(1)).length]).toEqual([1, 1])
        expect(within({ DRACHOST: `127.0.0.1:${server.ports[1]}` }, '192.0.2.2').status).toBe(0)
        expect([(await server.got(0)).length, (await server.got(1)).length]).toEqual([1, 2])
        expect(within({ DRACHOST: ' ' }, '192.0.2.3')).toMatchObject({ status: 0, stderr: '' })
        writeFileSync(hostFile, '# off\n')
        expect(within({}, '192.0.2.4')).toMatchObject({ status: 0, stderr: '' })
        expect([(await server.got(0)).length, (await server.got(1)).length]).toEqual([1, 2])

        spawnSync('rm', [hostFile])
        const run = new Child(inside.enter[0]!, [...inside.enter.slice(1), 'mkdir', '-p', '/run/drac'])
        expect(await run.end()).toBe(0)
        mkdirSync(join(place, 'state'))
        const dracd = await startDracd(join(place, 'state'), ['control=unix:/run/drac/control.sock'], inside.enter)
        expect(within({}, '192.0.2.5', '--verbose').stderr).toBe('drac-report: 192.0.2.5: 200 added\n')

        await dracd.stop()
        await server.stop()
        await inside.close()
      })

      test('what goes wrong in a login goes to syslog, printable and never waited for', async () => {
        const inside = await openSpace(mkdtempSync(join(folder, 'space-')))
        const sink = new Child(inside.enter[0]!, [...inside.enter.slice(1), compile(folder, 'log-sink'), '/dev/log'])
        await sink.line('a log', (line) => line === 'ready')
        const env = { PAM_TYPE: 'account', PAM_RHOST: '192.0.2.1' }
        const args = [...inside.enter.slice(1), program, '--pam', '--host']
        expect(spawnSync(inside.enter[0]!, [...args, '127.0.0.1:1'], { env, encoding: 'utf8' })).toMatchObject({
          status: 0,
          stderr: '',
        })
        await sink.line('a note', (line) =>
          /^<20>drac-report\[\d+\]: 192\.0\.2\.1: call failed: RPC: Unable to receive; errno = Connection refused$/.test(
            line,
          ),
        )
        sink.process.kill('SIGSTOP')
        for (let i = 0; i < 50; i++)
          expect(spawnSync(inside.enter[0]!, [...args, '127.0.0.1:1'], { env, timeout: 20_000 }).status).toBe(0)
        sink.process.kill('SIGCONT')
        await sink.stop()
        await inside.close()
      })
    },
  )
})
