import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Lookups } from '../../core/lookups.ts'
import type { Verdict } from '../../core/verdict.ts'
import type { Address } from '../../lib/address.ts'
import { configError, malformed, tempfail } from '../../lib/errors.ts'
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts'
import { openSocketmap } from './listener.ts'
import { answerRequest } from './lookup.ts'

const MAY = new Set(['192.0.2.5', '2001:db8::5'])
const permit: Verdict = {
  action: 'permit',
  authorization: { key: '192.0.2.5' as never, expiresAt: 2, firstSeen: 1, lastSeen: 1, source: 'test' },
}
const table: Lookups = { lookup: (client: Address) => (MAY.has(client) ? permit : { action: 'dunno' }) }
const failing = (error: unknown): Lookups => ({
  lookup: () => {
    throw error
  },
})
const { vectors } = JSON.parse(readFileSync('test/vectors/socketmap.json', 'utf8')) as {
  vectors: { by: string; request: string; reply: string }[]
}

const open: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

async function serve(lookups: Lookups = table): Promise<Endpoint> {
  const listener = await openSocketmap(parseEndpoint('tcp:127.0.0.1:0'), lookups)
  open.push(() => listener.close(0))
  return listener.endpoint
}

function client(endpoint: Endpoint): { socket: Socket; text: () => string; ended: () => boolean } {
  const socket = connect((endpoint as { port: number }).port, '127.0.0.1')
  let text = ''
  let ended = false
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('end', () => {
    ended = true
  })
  socket.on('error', () => {})
  open.push(() => socket.destroy())
  return { socket, text: () => text, ended: () => ended }
}

test('every request seen on the wire has its answer, one connection, any chunking', async () => {
  const { socket, text } = client(await serve())
  const wire = vectors.map((vector) => vector.request).join('')
  const replies = vectors.map((vector) => vector.reply).join('')
  for (const size of [1, 7, wire.length]) {
    const before = text()
    for (let at = 0; at < wire.length; at += size) {
      socket.write(wire.slice(at, at + size))
      await new Promise(setImmediate)
    }
    await expect.poll(text, { timeout: 10_000 }).toBe(before + replies)
  }
})

test.each([
  ['any map name', 'spam 192.0.2.5', '5:OK OK,'],
  ['no map name', ' 192.0.2.5', '5:OK OK,'],
  ['a mapped address', 'drac ::ffff:192.0.2.5', '5:OK OK,'],
  ['brackets', 'drac [IPv6:2001:DB8::5]', '5:OK OK,'],
  ['a network', 'drac 192.0.2', '9:NOTFOUND ,'],
  ['an empty key', 'drac ', '9:NOTFOUND ,'],
  ['no key', 'drac', '9:NOTFOUND ,'],
  ['nothing', '', '9:NOTFOUND ,'],
  ['more than one word', 'drac 192.0.2.5 x', '9:NOTFOUND ,'],
  ['a NUL after the address', 'drac 192.0.2.5\0', '9:NOTFOUND ,'],
])('%s: %j', (_, request, reply) => {
  expect(answerRequest(table, Buffer.from(request))).toBe(reply)
})

test.each([
  ['the store is down', tempfail('DRAC_STORE_DOWN', 'no')],
  ['a fault of ours', new TypeError('x is undefined')],
  ['settings', configError('X', 'no')],
])('%s: try later, never a permit and never PERM', (_, error) => {
  expect(answerRequest(failing(error), Buffer.from('drac 192.0.2.5'))).toMatch(/^\d+:TEMP [ -~]+,$/)
})

test('a host name needs no store to be nobody', () => {
  expect(answerRequest(failing(tempfail('DRAC_STORE_DOWN', 'no')), Buffer.from('drac c5.test'))).toBe('9:NOTFOUND ,')
  expect(answerRequest(failing(malformed('X', 'no')), Buffer.from('drac 192.0.2.5'))).toBe('9:NOTFOUND ,')
})

test('what is no netstring closes the connection, after what came before it was answered', async () => {
  const { socket, text, ended } = client(await serve())
  socket.write('14:drac 192.0.2.5,GET / HTTP/1.0\r\n\r\n')
  await expect.poll(ended, { timeout: 10_000 }).toBe(true)
  expect(text()).toBe('5:OK OK,')
})

test('a request over 4 KiB is refused at its length', async () => {
  const { socket, text, ended } = client(await serve())
  socket.write('4097:')
  await expect.poll(ended, { timeout: 10_000 }).toBe(true)
  expect(text()).toBe('')
})

test('ten thousand requests in one go are answered in order', async () => {
  const { socket, text } = client(await serve())
  const [wire, replies] = [
    ['14:drac 192.0.2.5,', '14:drac 192.0.2.6,'],
    ['5:OK OK,', '9:NOTFOUND ,'],
  ] as const
  socket.write(wire.join('').repeat(5_000))
  await expect.poll(() => text().length, { timeout: 10_000 }).toBe(5_000 * replies.join('').length)
  expect(text()).toBe(replies.join('').repeat(5_000))
})
