import { channel } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AddResult, EndResult, LoginEvent, LogoutEvent } from '../../core/login-event.ts'
import type { LoginReports } from '../../core/reports.ts'
import { tempfail } from '../../lib/errors.ts'
import { httpApp } from '../../net/http.ts'
import { dovecotRoutes } from './routes.ts'

const SESSION = 'm63DUiFhp6DAAAIF'
const REPORT = {
  login: 'alice',
  protocol: 'imap',
  remote: '::ffff:192.0.2.5',
  session_id: SESSION,
  success: true,
  policy_reject: false,
  tls: false,
}
const LOGIN = {
  event: 'auth_request_finished',
  end_time: '2026-11-22T18:18:20.071438Z',
  fields: { success: 'yes', service: 'pop3', session: SESSION, remote_ip: '2001:db8::5', user: 'bob' },
}
const END = { event: 'mail_user_session_finished', fields: { session: SESSION } }
const WHO = { via: 'dovecot', reporter: '127.0.0.1' }

/** Answers what it is told to, and remembers what it was asked. */
class Table implements LoginReports {
  readonly got: (LoginEvent | LogoutEvent)[] = []
  result: AddResult = { status: 'ignored', reason: 'exempt' }
  ended: EndResult = { status: 'ended' }
  failing = false

  async add(event: LoginEvent): Promise<AddResult> {
    this.got.push(event)
    if (this.failing) throw tempfail('DRAC_STORE', 'the disk is full')
    return this.result
  }
  async logout(event: LogoutEvent): Promise<EndResult> {
    this.got.push(event)
    if (this.failing) throw tempfail('DRAC_STORE', 'the disk is full')
    return this.ended
  }
  withdraw(): Promise<EndResult> {
    throw new Error('Dovecot withdraws nothing')
  }
}

let table: Table
let app: FastifyInstance
let refusals: unknown[]
const note = (refusal: unknown): void => void refusals.push(refusal)

beforeEach(() => {
  table = new Table()
  app = httpApp()
  dovecotRoutes(table)(app)
  refusals = []
  channel('drac.refused').subscribe(note)
})
afterEach(async () => {
  channel('drac.refused').unsubscribe(note)
  await app.close()
})

async function post(url: string, body: unknown): Promise<[status: number, body: string]> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': 'application/json' }
  const { statusCode, body: answer } = await app.inject({ method: 'POST', url, payload, headers })
  return [statusCode, answer]
}
const GO_ON = [200, '{"status":0,"msg":""}']
const DONE = [204, '']

describe('auth policy', () => {
  test('a report is a login; only the other URL opens a session', async () => {
    expect(await post('/dovecot/policy?command=report', REPORT)).toEqual(GO_ON)
    expect(await post('/dovecot/policy/sessions?command=report', REPORT)).toEqual(GO_ON)
    const login = { ...WHO, client: '192.0.2.5', user: 'alice' }
    expect(table.got).toEqual([login, { ...login, session: { id: SESSION, kind: 'renews' } }])
  })

  test('a failed login, and the question before a login, are answered and give nothing', async () => {
    expect(await post('/dovecot/policy?command=report', { ...REPORT, success: false })).toEqual(GO_ON)
    expect(await post('/dovecot/policy?command=allow', { ...REPORT, success: true })).toEqual(GO_ON)
    expect(await post('/dovecot/policy?command=allow', 'anything')).toEqual(GO_ON)
    expect(table.got).toEqual([])
  })

  test.each([
    ['no command', '/dovecot/policy', REPORT],
    ['a command with the ? of a URL that ended so', '/dovecot/policy??command=report', REPORT],
    ['two commands', '/dovecot/policy?command=report&command=allow', REPORT],
    ['a body that is no JSON', '/dovecot/policy?command=report', '{'],
    ['no body', '/dovecot/policy?command=report', ''],
    ['no address', '/dovecot/policy?command=report', { ...REPORT, remote: undefined }],
  ])('%s: 400', async (_, url, body) => {
    expect((await post(url, body))[0]).toBe(400)
    expect(table.got).toEqual([])
  })

  test('more than 64 KiB: 413; another method: 404', async () => {
    expect((await post('/dovecot/policy?command=report', { ...REPORT, login: 'x'.repeat(65_536) }))[0]).toBe(413)
    expect((await app.inject({ method: 'GET', url: '/dovecot/policy?command=report' })).statusCode).toBe(404)
    expect(table.got).toEqual([])
  })
})

describe('events', () => {
  test('a login, and the end of its session by the same name', async () => {
    expect(await post('/dovecot/events', LOGIN)).toEqual(DONE)
    expect(await post('/dovecot/events', END)).toEqual(DONE)
    expect(table.got).toEqual([
      { ...WHO, client: '2001:db8::5', user: 'bob', at: 1795371500, session: { id: SESSION, kind: 'renews' } },
      { ...WHO, session: SESSION },
    ])
  })

  test('other events are taken and give nothing', async () => {
    expect(await post('/dovecot/events', { event: 'imap_command_finished', fields: {} })).toEqual(DONE)
    expect(table.got).toEqual([])
  })

  test.each(['{', '', '[]', '{"event":"auth_request_finished"}'])('%j: 400', async (body) => {
    expect((await post('/dovecot/events', body))[0]).toBe(400)
  })

  test('an end that comes before its login: a login, and no session that nobody would end', async () => {
    await post('/dovecot/events', END)
    await post('/dovecot/policy/sessions?command=report', REPORT)
    await post('/dovecot/events', LOGIN)
    expect(table.got.slice(1).map((event) => event.session)).toEqual([undefined, undefined])
  })
})

describe('what becomes of it', () => {
  const all = [
    ['/dovecot/policy?command=report', REPORT],
    ['/dovecot/policy/sessions?command=report', REPORT],
    ['/dovecot/events', LOGIN],
    ['/dovecot/events', END],
  ] as const

  test.each(all)('%s, not stored: 503', async (url, body) => {
    table.failing = true
    expect(await post(url, body)).toEqual([503, '{"error":"the disk is full"}'])
  })

  test.each(all)('%s of a host that is not trusted: 403, and it is told of', async (url, body) => {
    table.result = { status: 'refused', reason: 'untrusted-reporter' }
    table.ended = { status: 'refused', reason: 'untrusted-reporter' }
    expect(await post(url, body)).toEqual([403, '{"error":"untrusted-reporter"}'])
    expect(refusals).toEqual([expect.objectContaining({ ...WHO, reason: 'untrusted-reporter' })])
  })

  test('a full table: 503', async () => {
    table.result = { status: 'refused', reason: 'table-full' }
    expect((await post('/dovecot/events', LOGIN))[0]).toBe(503)
  })
})
