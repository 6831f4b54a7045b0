import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import type { AddResult, EndResult, LoginEvent, LogoutEvent } from '../../core/login-event.ts'
import { refused } from '../../core/refused.ts'
import type { LoginReports } from '../../core/reports.ts'
import { tempfail } from '../../lib/errors.ts'
import { parseEndpoint } from '../../net/endpoint.ts'
import type { AccessEvent } from '../../protocols/cyrus/event.ts'
import { encodeNotification } from '../../protocols/cyrus/notification.ts'
import { openCyrus } from './listener.ts'
import { Recorder } from './recorder.ts'

const { notifications } = JSON.parse(readFileSync('test/vectors/cyrus.json', 'utf8')) as {
  notifications: (AccessEvent & { wire: string })[]
}
const folder = mkdtempSync(join(tmpdir(), 'drac-cyrus-'))
const path = join(folder, 'cyrus.sock')
const undo: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(undo.splice(0).map((each) => each()))
  rmSync(path, { force: true })
})

/** A relay table that remembers in which order it was asked, and answers when it is told to. */
class Table implements LoginReports {
  readonly got: (LoginEvent | LogoutEvent)[] = []
  result: AddResult = { status: 'ignored', reason: 'exempt' }
  answered: Promise<unknown> = Promise.resolve()

  async add(event: LoginEvent): Promise<AddResult> {
    this.got.push(event)
    await this.answered
    return this.result
  }
  async logout(event: LogoutEvent): Promise<EndResult> {
    this.got.push(event)
    await this.answered
    return { status: 'ended' }
  }
  withdraw(): Promise<EndResult> {
    throw new Error('Cyrus withdraws nothing')
  }
}

async function serve(table: Table, limit?: number): Promise<{ close(): Promise<void> }> {
  const listener = await openCyrus(parseEndpoint(`unix:${path}`), table, {}, new Recorder(table, limit))
  undo.push(() => listener.close(0))
  return listener
}

/** As Cyrus does: one connection, one message, and the answer. */
async function send(wire: string): Promise<string> {
  const socket = connect(path)
  socket.on('error', () => {})
  socket.write(Buffer.from(wire, 'latin1'))
  const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as [Buffer]
  socket.destroy()
  return answer.toString('latin1')
}

const notify = (event: object, name = 'EVENT'): string =>
  encodeNotification({ method: 'drac', class: name, message: Buffer.from(JSON.stringify(event)) }).toString('latin1')
const LOGIN = { event: 'Login', service: 'imap', clientIP: '192.0.2.5', user: 'alice', 'vnd.cmu.sessionId': 's1' }
const LOGOUT = { ...LOGIN, event: 'Logout' }

function refusals(): unknown[] {
  const seen: unknown[] = []
  const note = (message: unknown): number => seen.push(message)
  refused.subscribe(note)
  undo.push(() => refused.unsubscribe(note))
  return seen
}

test('what Cyrus wrote: logins and logouts of one session, by the same name', async () => {
  const table = new Table()
  await serve(table)
  for (const { wire } of notifications) expect(await send(wire)).toBe('OK ()\r\n')
  expect(table.got).toEqual(
    notifications.map(({ type, client, user, session }) =>
      type === 'login'
        ? { via: 'cyrus', reporter: 'local', client, user, session: { id: session, kind: 'renews' } }
        : { via: 'cyrus', reporter: 'local', session },
    ),
  )
})

test('the socket is for its owner and group alone', async () => {
  await serve(new Table())
  expect(statSync(path).mode & 0o777).toBe(0o660)
})

test.each(['tcp:127.0.0.1:0', 'udp:127.0.0.1:0'])(
  '%s is refused: anybody on this host could say who logged in',
  async (text) => {
    await expect(openCyrus(parseEndpoint(text), new Table())).rejects.toMatchObject({ kind: 'config' })
  },
)

test('Cyrus is answered while the store has not answered, and closing waits for the store', async () => {
  const table = new Table()
  let commit = (): void => {}
  table.answered = new Promise<void>((resolve) => {
    commit = resolve
  })
  const listener = await serve(table)
  expect(await send(notify(LOGIN))).toBe('OK ()\r\n')
  let closed = false
  const closing = listener.close().then(() => {
    closed = true
  })
  await new Promise(setImmediate)
  expect(closed).toBe(false)
  commit()
  await closing
})

test('a logout waits for its login, and for no other', async () => {
  const table = new Table()
  let commit = (): void => {}
  table.answered = new Promise<void>((resolve) => {
    commit = resolve
  })
  await serve(table)
  await send(notify(LOGIN))
  await send(notify(LOGOUT))
  await send(notify({ ...LOGIN, 'vnd.cmu.sessionId': 's2' }))
  expect(table.got).toHaveLength(2)
  commit()
  await new Promise(setImmediate)
  expect(table.got.map((event) => ('client' in event ? 'login' : 'logout'))).toEqual(['login', 'login', 'logout'])
})

test('a login that was not stored is told of, and so is one that was refused', async () => {
  const table = new Table()
  const seen = refusals()
  await serve(table)
  table.answered = Promise.reject(tempfail('DRAC_STORE_DOWN', 'no'))
  table.answered.catch(() => {})
  expect(await send(notify(LOGIN))).toBe('OK ()\r\n')
  table.answered = Promise.resolve()
  table.result = { status: 'refused', reason: 'table-full' }
  expect(await send(notify(LOGIN))).toBe('OK ()\r\n')
  const said = { via: 'cyrus', reporter: 'local', client: '192.0.2.5' }
  expect(seen).toEqual([
    { ...said, reason: 'not-stored' },
    { ...said, reason: 'table-full' },
  ])
})

test('above the limit events are dropped, and Cyrus hears NO', async () => {
  const table = new Table()
  const seen = refusals()
  let commit = (): void => {}
  table.answered = new Promise<void>((resolve) => {
    commit = resolve
  })
  await serve(table, 2)
  const answers = []
  for (const n of [1, 2, 3]) answers.push(await send(notify({ ...LOGIN, 'vnd.cmu.sessionId': `s${n}` })))
  expect(answers).toEqual(['OK ()\r\n', 'OK ()\r\n', 'NO ()\r\n'])
  expect(table.got).toHaveLength(2)
  expect(seen).toMatchObject([{ reason: 'queue-full', client: '192.0.2.5' }])
  commit()
  await new Promise(setImmediate)
  expect(await send(notify(LOGIN))).toBe('OK ()\r\n')
})

test.each([
  ['another event', notify({ ...LOGIN, event: 'AclChange' })],
  ['mail that arrived', notify(LOGIN, 'SIEVE')],
  ['sieve', notify({ ...LOGIN, service: 'sieve' })],
  ['a logout without a session', notify({ ...LOGOUT, 'vnd.cmu.sessionId': undefined })],
])('%s is answered and gives nothing', async (_, wire) => {
  const table = new Table()
  await serve(table)
  expect(await send(wire)).toBe('OK ()\r\n')
  expect(table.got).toEqual([])
})

test.each([
  ['no address', notify({ ...LOGIN, clientIP: undefined })],
  ['a host name', notify({ ...LOGIN, clientIP: 'c5.test' })],
  ['no JSON', encodeNotification({ method: 'drac', class: 'EVENT', message: Buffer.from('x') }).toString()],
  ['another command', 'APPLY %(A b)\r\n'],
  ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a literal that waits', 'NOTIFY %(MESSAGE {5}\r\n'],
  ['noise', '\0\xff\r\n'],
])('%s: the connection is cut, nothing is stored, and others are served', async (_, wire) => {
  const table = new Table()
  await serve(table)
  expect(await send(wire)).toBe('')
  expect(table.got).toEqual([])
  expect(await send(notify(LOGIN))).toBe('OK ()\r\n')
})

test('a peer that sends byte by byte, or half and no more, holds nobody up', async () => {
  const table = new Table()
  await serve(table)
  const wire = Buffer.from(notifications[0]!.wire, 'latin1')
  const half = connect(path)
  half.write(wire.subarray(0, 200))
  const slow = connect(path)
  for (const byte of wire) slow.write(Uint8Array.of(byte))
  slow.end()
  expect(await send(notifications[0]!.wire)).toBe('OK ()\r\n')
  expect(await text(slow)).toBe('OK ()\r\n')
  half.destroy()
  expect(table.got).toHaveLength(2)
})

test('a socket that a service manager has opened is not served: its mode was not ours to choose', async () => {
  const endpoint = { ...parseEndpoint(`unix:${path}`), fd: 99 }
  await expect(openCyrus(endpoint, new Table())).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringContaining('take it out of the socket unit'),
  })
})
