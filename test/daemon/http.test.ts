// The HTTP endpoint of the real dracd: the token, the page, the metrics, and drac watch.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../interop/wait.ts'
import { DracdProcess } from './process.ts'

const TOKEN = '0123456789abcdef0123456789abcdef'
let folder: string
const REPORT_TOKEN = 'fedcba9876543210fedcba9876543210'
let dracd: DracdProcess
let url: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drac-http-'))
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o640 })
  writeFileSync(join(folder, 'report-token'), REPORT_TOKEN, { mode: 0o640 })
  dracd = await DracdProcess.start(folder, {
    set: {
      'http.listen': '["tcp:127.0.0.1:0"]',
      'http.token_file': join(folder, 'token'),
      'http.report_token_file': join(folder, 'report-token'),
      audit_file: join(folder, 'audit.log'),
    },
  })
  const ready = dracd.log.find(({ event }) => event === 'ready') as unknown as { endpoints: { http: string[] } }
  url = ready.endpoints.http[0]!.replace('tcp:', 'http://')
})
afterAll(async () => {
  await dracd.end()
  rmSync(folder, { recursive: true })
})

const get = (path: string, token = TOKEN, scheme = 'Bearer'): Promise<Response> =>
  fetch(`${url}${path}`, token === '' ? {} : { headers: { authorization: `${scheme} ${token}` } })
const basic = (password: string): string => Buffer.from(`drac:${password}`).toString('base64')

describe.each(['/', '/app.js', '/metrics', '/v1/status', '/v1/authorizations', '/v1/events', '/nothing'])(
  '%s',
  (path) => {
    test.each([
      ['without a token', '', 'Bearer'],
      ['with a wrong one', TOKEN.replace('0', '1'), 'Bearer'],
      ['with a part of it', TOKEN.slice(0, 31), 'Bearer'],
      ['with more than it', `${TOKEN}0`, 'Bearer'],
      ['with a wrong password', basic('wrong'), 'Basic'],
      ['with an empty password', basic(''), 'Basic'],
      ['with another scheme', TOKEN, 'Digest'],
      ['with the token for reports', REPORT_TOKEN, 'Bearer'],
    ])('is not for anybody %s', async (_, token, scheme) => {
      const reply = await get(path, token, scheme)
      expect(reply.status).toBe(401)
      expect(reply.headers.get('www-authenticate')).toContain('Basic')
      await reply.body?.cancel()
    })
  },
)

test('nobody without the token reports, permits or revokes', async () => {
  for (const path of ['/v1/logins', '/v1/authorizations']) {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"address":"192.0.2.25"}' }
    expect((await fetch(`${url}${path}`, init)).status).toBe(401)
  }
  expect(await dracd.lookup('192.0.2.25')).toBe('NOTFOUND ')
})

describe('the token for reports', () => {
  const ask = (path: string, body: object, token: string, method = 'POST'): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return fetch(`${url}${path}`, { method, headers, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) })
  }
  const report = { login: 'alice', remote: '192.0.2.29', protocol: 'imap', session_id: 'a', success: true }

  test('opens reports, as the other does', async () => {
    for (const token of [REPORT_TOKEN, TOKEN]) {
      expect((await ask('/dovecot/policy?command=report', report, token)).status).toBe(200)
      expect((await ask('/v1/logins', { address: '192.0.2.30', session: 'b' }, token)).status).toBe(200)
      expect((await ask('/v1/logouts', { session: 'b' }, token)).status).toBe(200)
    }
    expect(await dracd.lookup('192.0.2.29')).toBe('OK OK')
    await dracd.drac('revoke', '--network', '192.0.2.28/30')
  })

  test.each([
    ['POST', '/v1/authorizations'],
    ['DELETE', '/v1/authorizations/192.0.2.29'],
    ['DELETE', '/v1/authorizations?user=alice'],
    ['GET', '/v1/authorizations/..%2flogins'],
    ['GET', '/v1/logins/../authorizations'],
    ['POST', '/v1//logins'],
    ['POST', '/dovecot/../v1/authorizations'],
    ['GET', '/dovecot/'],
  ])('and nothing else: %s %s', async (method, path) => {
    expect((await ask(path, { address: '192.0.2.31' }, REPORT_TOKEN, method)).status).toBe(401)
    expect(await dracd.lookup('192.0.2.31')).toBe('NOTFOUND ')
  })
})

test('the page comes with headers that let it load nothing from elsewhere', async () => {
  const reply = await get('/', basic(TOKEN), 'Basic')
  expect(reply.status).toBe(200)
  expect(await reply.text()).toContain('<title>drac')
  expect(reply.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /)
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
  expect(reply.headers.get('access-control-allow-origin')).toBeNull()
})

test('metrics count reports, look-ups and commits', async () => {
  const post = { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } }
  const login = await fetch(`${url}/v1/logins`, { ...post, body: '{"address":"192.0.2.26","source":"popd"}' })
  expect(login.status).toBe(200)
  expect(await dracd.lookup('192.0.2.26')).toBe('OK OK')
  const reply = await get('/metrics')
  expect(reply.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await reply.text()
  expect(text).toMatch(/^drac_reports_total\{source="popd",result="added"\} 1$/m)
  expect(text).toMatch(/^drac_lookups_total\{protocol="socketmap",verdict="permit"\} [1-9]/m)
  expect(text).toMatch(/^drac_lookup_seconds_count\{protocol="socketmap"\} [1-9]/m)
  expect(text).toMatch(/^drac_commit_seconds_count [1-9]/m)
  expect(text).toMatch(/^drac_store_up 1$/m)
  expect(text).toMatch(/^drac_entries 1$/m)
})

test('drac watch tells, and the audit file keeps, what was done by hand', async () => {
  const watch: ChildProcess = spawn(process.execPath, [
    resolve('src/bin/drac.ts'),
    'watch',
    '--control',
    `unix:${folder}/control.sock`,
  ])
  let seen = ''
  watch.stdout!.setEncoding('utf8').on('data', (text: string) => {
    seen += text
  })
  try {
    await until('a permit to be watched', async () => {
      await dracd.drac('permit', '192.0.2.27', '--for', '1m')
      return / audit action=permit .*target=192\.0\.2\.27 lifetime=60/.test(seen)
    })
    await dracd.drac('revoke', '--network', '192.0.2.27/32')
    await until('the revocation to be watched', () => / revoked 192\.0\.2\.27 /.test(seen))
  } finally {
    watch.kill('SIGTERM')
  }
  const kept = readFileSync(join(folder, 'audit.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(kept).toContainEqual(expect.objectContaining({ action: 'permit', from: 'control', outcome: 'added' }))
  expect(kept).toContainEqual(
    expect.objectContaining({ action: 'revoke', target: 'network=192.0.2.27/32', outcome: 'revoked 1' }),
  )
})

describe('a page of another site, for which a browser that knows the token sends it', () => {
  const post = async (from: Record<string, string>, path = '/dovecot/policy?command=report') => {
    const asked = request(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic(TOKEN)}`, 'content-type': 'text/plain', ...from },
    })
    asked.end('{"success":true,"protocol":"imap","session_id":"s","remote":"192.0.2.66","login":"x"}')
    const [reply] = (await once(asked, 'response')) as [IncomingMessage]
    reply.resume()
    return reply.statusCode
  }

  test.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['of another port', { 'sec-fetch-site': 'same-site' }],
    ['with another origin', { origin: 'http://evil.example' }],
    ['with an origin that is hidden', { origin: 'null' }],
  ])('reports nothing: %s', async (_, from) => {
    for (const path of ['/dovecot/policy?command=report', '/dovecot/events', '/v1/logins', '/v1/authorizations'])
      expect(await post(from, path), path).toBe(403)
    expect(await dracd.lookup('192.0.2.66')).toBe('NOTFOUND ')
  })

  test.each([
    ['the page of dracd itself', { 'sec-fetch-site': 'same-origin', origin: 'http://behind.a.proxy' }],
    ['a typed address', { 'sec-fetch-site': 'none' }],
    ['a mail server', {}],
  ])('is not %s', async (_, from) => {
    expect(await post(from)).toBe(200)
  })

  test('is not the page of dracd in an old browser', async () => {
    expect(await post({ origin: url })).toBe(200)
  })
})

test('a reload takes a new token, and no token at all changes nothing', async () => {
  rmSync(join(folder, 'token'))
  dracd.child.kill('SIGHUP')
  await dracd.logged('reload-failed', ({ message }) => String(message).includes('http.token_file'))
  expect((await get('/v1/status')).status).toBe(200)
  writeFileSync(join(folder, 'token'), 'another-token-of-an-operator', { mode: 0o640 })
  dracd.child.kill('SIGHUP')
  await dracd.logged('reloaded')
  expect((await get('/v1/status')).status).toBe(401)
  expect((await get('/v1/status', 'another-token-of-an-operator')).status).toBe(200)
})

describe('does not start', () => {
  test.each([
    [
      'on a port without a token',
      undefined,
      0o640,
      /http\.token_file: is needed to listen on a port, or report_token_file/,
    ],
    ['with a token that everybody may read', TOKEN, 0o644, /every user of this host may read it; chmod 640/],
    ['with a short token', 'short', 0o640, /holds no token/],
    ['with two lines of token', `${TOKEN}\n${TOKEN}`, 0o640, /holds no token/],
  ])('%s', async (_, token, mode, expected) => {
    const other = mkdtempSync(join(tmpdir(), 'drac-http-'))
    const file = join(other, 'token')
    if (token !== undefined) {
      writeFileSync(file, token)
      chmodSync(file, mode)
    }
    const set = { 'http.listen': '["tcp:127.0.0.1:0"]', ...(token === undefined ? {} : { 'http.token_file': file }) }
    const failed = new DracdProcess(other, { set })
    await failed.logged('not-started', ({ message }) => expected.test(String(message)))
    expect(await failed.ended()).toBe(78)
    expect(existsSync(join(other, 'control.sock'))).toBe(false)
    rmSync(other, { recursive: true })
  })
})
