// The HTTP endpoint while strangers, who have no token, hold as many connections as they get.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openHttp } from '../../src/daemon/http.ts'
import { parseEndpoint } from '../../src/net/endpoint.ts'

const TOKEN = '0123456789abcdef0123456789abcdef'
const folder = mkdtempSync(join(tmpdir(), 'drac-http-strangers-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('leaves places for the mail servers that are trusted', async () => {
  writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o640 })
  const listen = [parseEndpoint('tcp:127.0.0.1:0')]
  const http = await openHttp(
    { listen, token_file: join(folder, 'token'), report_token_file: '' },
    [(app) => app.get('/x', () => 'here')],
    (peer) => peer === '127.0.0.2',
  )
  const port = Number(http.endpoints[0]!.split(':').at(-1))
  const open = (localAddress: string) =>
    new Promise<Socket>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, localAddress })
      socket.on('error', () => {})
      socket.once('connect', () => resolve(socket))
    })
  const held = await Promise.all(Array.from({ length: 600 }, () => open('127.0.0.3')))
  const status = await new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/x',
      localAddress: '127.0.0.2',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    asked.once('error', reject)
    asked.once('response', (reply) => resolve(reply.resume().statusCode))
    asked.end()
  })
  expect(status).toBe(200)
  // When they have gone, others of them get in again.
  for (const socket of held) socket.destroy()
  await expect
    .poll(
      () =>
        new Promise((resolve) => {
          const asked = request({ host: '127.0.0.1', port, path: '/x', localAddress: '127.0.0.3' })
          asked.once('error', () => resolve('refused'))
          asked.once('response', (reply) => resolve(reply.resume().statusCode))
          asked.end()
        }),
      { timeout: 20_000 },
    )
    .toBe(401)
  await http.close()
})
