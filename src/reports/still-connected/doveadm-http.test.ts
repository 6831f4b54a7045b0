import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { askDoveadm } from './doveadm-http.ts'

let server: Server
afterEach(() => void server.close().closeAllConnections())

async function url(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/doveadm/v1`
}
const soon = (): AbortSignal => AbortSignal.timeout(20_000)
const tempfail = (message: RegExp) =>
  expect.objectContaining({ kind: 'tempfail', message: expect.stringMatching(message) })

test('asks as the API wants it, and gives the answer', async () => {
  let asked: IncomingMessage | undefined
  const at = await url(async (request, response) => {
    asked = request
    response.end(`${await text(request)}!`)
  })
  expect((await askDoveadm(at, 'drackey', '[["who"]]', soon())).toString()).toBe('[["who"]]!')
  expect(asked).toMatchObject({
    method: 'POST',
    url: '/doveadm/v1',
    headers: { authorization: 'X-Dovecot-API ZHJhY2tleQ==', 'content-type': 'application/json' },
  })
})

test.each([
  [401, /another doveadm_api_key/],
  [500, /status 500/],
  [302, /status 302/],
])('status %i is no answer', async (status, message) => {
  const at = await url((_, response) => void response.writeHead(status, { location: '/' }).end('[]'))
  await expect(askDoveadm(at, 'k', '', soon())).rejects.toEqual(tempfail(message))
})

test('an answer that is cut short is none, nor is one too long', async () => {
  const cut = await url((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('[]', () => response.socket?.destroy())
  })
  await expect(askDoveadm(cut, 'k', '', soon())).rejects.toEqual(tempfail(/./))
  server.close()
  const long = await url((_, response) => void response.end(Buffer.alloc(17 << 20, 'x')))
  await expect(askDoveadm(long, 'k', '', soon())).rejects.toEqual(tempfail(/more than/))
})

test('nobody there, and one that hangs', async () => {
  const at = await url(() => {})
  await expect(askDoveadm(at, 'k', '', AbortSignal.timeout(100))).rejects.toEqual(tempfail(/abort/))
  server.close().closeAllConnections()
  await expect(askDoveadm(at, 'k', '', soon())).rejects.toEqual(tempfail(/ECONNREFUSED/))
})
