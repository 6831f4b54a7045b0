// Every look-up front end as the daemon composes it.
import { Resolver } from 'node:dns/promises'
import { statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DracdProcess, removeFolder, temporaryFolder } from './process.ts'

let folder: string
let dracd: DracdProcess
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = temporaryFolder()
  writeFileSync(path('dracd.toml'), '[policy]\nrecipients_per_hour = 0\n')
  dracd = await DracdProcess.start(folder, {
    args: ['--config', path('dracd.toml')],
    set: {
      'tcp_table.listen': `["unix:${path('tcp_table')}"]`,
      'policy.listen': `["unix:${path('policy')}"]`,
      'readsocket.listen': `["unix:${path('readsocket')}"]`,
      'dns_list.listen': '["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]',
      'dns_list.zone': 'relay.test',
      'whoson.listen': `["unix:${path('whoson')}"]`,
    },
  })
  await dracd.auth('192.0.2.25')
  await dracd.drac('permit', '2001:db8::5', '--user', 'alice')
})
afterAll(async () => {
  expect(await dracd.end()).toBe(0)
  removeFolder(folder)
})

/** One request over a unix socket, one answer that ends with `end`. */
function ask(name: string, request: string, end = '\n'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path(name), () => socket.write(request))
    let answer = ''
    socket.setEncoding('utf8').on('error', reject)
    socket.on('data', (text) => {
      answer += text
      if (!answer.endsWith(end)) return
      resolve(answer)
      socket.destroy()
    })
    socket.on('end', () => reject(new Error(`ended after ${JSON.stringify(answer)}`)))
  })
}
const policy = (client: string, more = 'recipient=b@example.org\n'): Promise<string> =>
  ask(
    'policy',
    `request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=${client}\nsender=a@example.com\n${more}\n`,
    '\n\n',
  )

test('tcp_table', async () => {
  expect(await ask('tcp_table', 'get 192.0.2.25\n')).toBe('200 OK\n')
  expect(await ask('tcp_table', 'get 2001:db8::5\n')).toBe('200 OK\n')
  expect(await ask('tcp_table', 'get 192.0.2.26\n')).toMatch(/^500 /)
  expect(await ask('tcp_table', 'get client.example.com\n')).toMatch(/^500 /)
})

test('policy, with what was relayed in the log', async () => {
  expect(await policy('2001:db8::5')).toBe('action=OK\n\n')
  expect(await policy('192.0.2.26')).toBe('action=DUNNO\n\n')
  expect(await dracd.logged('relayed')).toMatchObject({
    client: '2001:db8::5',
    user: 'alice',
    sender: 'a@example.com',
    recipient: 'b@example.org',
  })
})

test('policy limits come with a reload', async () => {
  writeFileSync(path('dracd.toml'), '[policy]\nrecipients_per_hour = 1\n')
  dracd.child.kill('SIGHUP')
  await dracd.logged('reloaded')
  const answers = [
    await policy('192.0.2.25', 'instance=1\nrecipient=x@example.org\n'),
    await policy('192.0.2.25', 'instance=1\nrecipient=y@example.org\n'),
  ]
  expect(answers.at(-1)).toMatch(/^action=450 4\.7\.1 relay limit for 192\.0\.2\.25 reached: 1 recipients per hour/)
  expect(await dracd.logged('limited')).toMatchObject({ client: '192.0.2.25', per_hour: 1 })
})

test('readsocket', async () => {
  expect(await ask('readsocket', 'check 192.0.2.25\n')).toBe('yes\n')
  expect(await ask('readsocket', 'check 192.0.2.26\n')).toBe('no\n')
})

test('DNS list', async () => {
  const resolver = new Resolver()
  const ready = (await dracd.logged('ready')) as unknown as { endpoints: Record<string, string[]> }
  resolver.setServers([ready.endpoints.dns_list![0]!.replace('udp:', '')])
  expect(await resolver.resolve4('25.2.0.192.relay.test')).toEqual(['127.0.0.2'])
  expect((await resolver.resolveTxt('25.2.0.192.relay.test')).flat().join('')).toMatch(/20\d\d-/)
  await expect(resolver.resolve4('26.2.0.192.relay.test')).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('WHOSON', async () => {
  expect(await ask('whoson', 'QUERY 2001:db8::5\r\n')).toMatch(/^\+alice\r?\n/)
  expect(await ask('whoson', 'QUERY 192.0.2.26\r\n')).toMatch(/^-Not Logged in\r?\n/)
  expect(await ask('whoson', 'LOGIN 192.0.2.26 eve\r\n')).toMatch(/^\*logins are not taken here\r?\n/)
  expect(await ask('whoson', 'QUERY 192.0.2.26\r\n')).toMatch(/^-Not Logged in\r?\n/)
})

test('who may use the sockets', () => {
  expect(statSync(path('policy')).mode & 0o777).toBe(0o666)
  expect(statSync(path('control.sock')).mode & 0o777).toBe(0o660)
})
