// The sockets that report_group may use: what is taken there, what is not, and whose they are.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlRequest } from '../../src/client/control.ts'
import { groupId } from '../../src/daemon/group-id.ts'
import { openReportSockets } from '../../src/daemon/report-sockets.ts'
import type { Settings } from '../../src/daemon/settings/schema.ts'
import { parseEndpoint } from '../../src/net/endpoint.ts'
import { encodeNotification } from '../../src/protocols/cyrus/notification.ts'
import { until } from '../interop/wait.ts'
import { DracdProcess } from './process.ts'

const root = process.getuid?.() === 0
/** nogroup; an ordinary user's own group. */
const GROUP = root ? 'nogroup' : execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()
let folder: string
let dracd: DracdProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drac-report-sockets-'))
  dracd = await DracdProcess.start(folder, {
    set: {
      report_group: GROUP,
      'report.listen': `["unix:${folder}/report.sock"]`,
      'cyrus.listen': `["unix:${folder}/cyrus.sock"]`,
    },
  })
})
afterAll(async () => {
  await dracd?.end()
  rmSync(folder, { recursive: true })
})

const on = (socket: string, method: 'GET' | 'POST' | 'DELETE', target: string, body?: object) =>
  controlRequest(join(folder, socket), method, target, body)

test('logins and ends of sessions are taken, and nothing else', async () => {
  const login = { address: '192.0.2.5', user: 'alice', source: 'cyrus-imap', session: 's1' }
  expect((await on('report.sock', 'POST', '/v1/logins', login)).body).toMatchObject({ status: 'added' })
  const logout = { session: 's1', source: 'cyrus-imap' }
  expect((await on('report.sock', 'POST', '/v1/logouts', logout)).body).toEqual({ status: 'ended' })
  for (const [method, target, body] of [
    ['GET', '/v1/status'],
    ['GET', '/v1/authorizations'],
    ['GET', '/v1/authorizations/192.0.2.5'],
    ['POST', '/v1/authorizations', { address: '192.0.2.6' }],
    ['DELETE', '/v1/authorizations/192.0.2.5'],
  ] as const)
    expect((await on('report.sock', method, target, body)).status, `${method} ${target}`).toBe(404)
  const { body } = await on('control.sock', 'GET', '/v1/authorizations')
  expect((body as { authorizations: object[] }).authorizations).toMatchObject([{ address: '192.0.2.5' }])
})

test('an event of Cyrus becomes an authorization', async () => {
  const event = { event: 'Login', service: 'imap', clientIP: '2001:db8::5', user: 'bob', 'vnd.cmu.sessionId': 'c1' }
  const message = Buffer.from(JSON.stringify(event))
  const socket = connect(join(folder, 'cyrus.sock'))
  socket.write(encodeNotification({ method: 'drac', class: 'EVENT', message }))
  await until('the authorization', async () => {
    const { body } = await on('control.sock', 'GET', '/v1/authorizations?user=bob&source=cyrus')
    return (body as { authorizations: { address: string }[] }).authorizations[0]?.address === '2001:db8::5'
  })
  socket.destroy()
})

test('they belong to the group, and the control socket does not', () => {
  for (const name of ['report.sock', 'cyrus.sock']) {
    const { mode, gid } = statSync(join(folder, name))
    expect([name, mode & 0o777, gid]).toEqual([name, 0o660, groupId(GROUP, 'report_group')])
  }
  expect(statSync(join(folder, 'control.sock')).gid).toBe(process.getgid?.())
})

test.each([
  ['report', 'tcp:127.0.0.1:0', '', /^report\.listen: tcp:127\.0\.0\.1:0: .*unix:PATH/],
  ['cyrus', 'tcp:127.0.0.1:0', '', /^cyrus\.listen: tcp:127\.0\.0\.1:0: .*unix:PATH/],
  ['cyrus', 'unix:/nowhere/x.sock', 'no-such-group', /^report_group: there is no group "no-such-group"/],
])('dracd does not start with %s on %s, group %j', async (name, endpoint, report_group, message) => {
  const listen = [parseEndpoint(endpoint)]
  const settings = { report: { listen: [] }, cyrus: { listen: [] }, report_group, [name]: { listen } }
  const opening = openReportSockets(settings as unknown as Settings, undefined as never)
  await expect(opening).rejects.toMatchObject({ kind: 'config', message: expect.stringMatching(message) })
})
