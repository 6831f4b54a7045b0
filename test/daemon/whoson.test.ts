// WHOSON in both directions through the real dracd, beside reports of other kinds.
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DracdProcess, removeFolder, temporaryFolder } from './process.ts'

let folder: string
let dracd: DracdProcess
let tcpPort: number
const path = (): string => join(folder, 'whoson')

beforeAll(async () => {
  folder = temporaryFolder()
  dracd = await start()
})
afterAll(async () => {
  expect(await dracd.end()).toBe(0)
  removeFolder(folder)
})

async function start(): Promise<DracdProcess> {
  const started = await DracdProcess.start(folder, {
    set: {
      trusted_clients: '["127.0.0.1"]',
      'whoson.listen': `["unix:${path()}", "tcp:127.0.0.1:0"]`,
      'whoson.logins': 'true',
    },
  })
  const { endpoints } = (await started.logged('ready')) as unknown as { endpoints: { whoson: string[] } }
  tcpPort = Number(endpoints.whoson.find((text) => text.startsWith('tcp'))!.replace(/^.*:/, ''))
  return started
}

/** One request, one reply. @param from over TCP from this address; left out: over the unix socket */
function ask(request: string, from?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket =
      from === undefined ? connect(path()) : connect({ host: '127.0.0.1', port: tcpPort, localAddress: from })
    let reply = ''
    socket.write(`${request}\r\n\r\n`)
    socket.setEncoding('utf8').on('error', reject)
    socket.on('data', (text) => {
      reply += text
      if (!reply.endsWith('\r\n\r\n')) return
      resolve(reply.trimEnd())
      socket.destroy()
    })
    socket.on('end', () => reject(new Error(`ended after ${JSON.stringify(reply)}`)))
  })
}
const MAY = 'OK OK'
const MAY_NOT = 'NOTFOUND '

test('a socket that takes logins is not for everybody', () => {
  expect(statSync(path()).mode & 0o777).toBe(0o660)
})

test('LOGIN permits at once, LOGOUT forbids at once', async () => {
  expect(await ask('LOGIN 192.0.2.5 alice')).toBe('+LOGIN OK')
  expect([await dracd.lookup('192.0.2.5'), await ask('QUERY 192.0.2.5')]).toEqual([MAY, '+alice'])
  expect(await ask('LOGOUT 192.0.2.5')).toBe('+LOGOUT record deleted')
  expect([await dracd.lookup('192.0.2.5'), await ask('QUERY 192.0.2.5')]).toEqual([MAY_NOT, '-Not Logged in'])
  expect(await dracd.logged('revoked', ({ address }) => address === '192.0.2.5')).toMatchObject({
    source: 'whoson',
    by: 'logout whoson',
  })
})

test('LOGOUT leaves what DRAC gave, whichever of the two came first', async () => {
  expect(await dracd.auth('192.0.2.6')).toBe(0)
  expect(await ask('LOGIN 192.0.2.6 alice')).toBe('+LOGIN OK')
  expect(await ask('LOGIN 192.0.2.7 alice')).toBe('+LOGIN OK')
  expect(await dracd.auth('192.0.2.7')).toBe(0)
  for (const client of ['192.0.2.6', '192.0.2.7']) {
    expect(await ask(`LOGOUT ${client}`)).toBe('+LOGOUT record deleted')
    expect([await dracd.lookup(client), await ask(`QUERY ${client}`)]).toEqual([MAY, '+alice'])
    expect(await ask(`LOGOUT ${client}`)).toBe('+LOGOUT no such record, nothing done')
  }
})

test('what must stay shut: strangers, loopback, and the LOGOUT of another reporter', async () => {
  expect(await ask('LOGIN 192.0.2.66 eve', '127.0.0.2')).toBe('*Access denied')
  expect(await dracd.logged('refused')).toMatchObject({ via: 'whoson', reporter: '127.0.0.2', client: '192.0.2.66' })
  expect(await dracd.lookup('192.0.2.66')).toBe(MAY_NOT)
  expect(await ask('LIST', '127.0.0.2')).toBe('*Access denied')
  expect(await ask('LOGIN 127.0.0.1 eve')).toBe('+LOGIN OK')
  expect(await ask('QUERY 127.0.0.1')).toBe('-Not Logged in')
  expect(await ask('LOGIN 192.0.2.8 bob')).toBe('+LOGIN OK')
  expect(await ask('LOGOUT 192.0.2.8', '127.0.0.2')).toBe('*Access denied')
  expect(await ask('LOGOUT 192.0.2.8', '127.0.0.1')).toBe('+LOGOUT no such record, nothing done')
  expect(await dracd.lookup('192.0.2.8')).toBe(MAY)
})

test('after a restart LOGOUT still takes back what LOGIN gave, and no more', async () => {
  expect(await ask('LOGIN 192.0.2.9 carol')).toBe('+LOGIN OK')
  expect(await dracd.auth('192.0.2.10')).toBe(0)
  expect(await ask('LOGIN 192.0.2.10 carol')).toBe('+LOGIN OK')
  expect(await dracd.end('SIGKILL')).toBeNull()
  dracd = await start()
  expect(await ask('QUERY 192.0.2.9')).toBe('+carol')
  for (const client of ['192.0.2.9', '192.0.2.10']) expect(await ask(`LOGOUT ${client}`)).toBe('+LOGOUT record deleted')
  expect([await dracd.lookup('192.0.2.9'), await dracd.lookup('192.0.2.10')]).toEqual([MAY_NOT, MAY])
})
