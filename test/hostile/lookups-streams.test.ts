// What look-up listeners make of peers on streams: whatever one does, the next is served, and nobody is permitted by junk.
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/net/endpoint.ts'
import type { NetTrouble } from '../../src/net/trouble.ts'
import { type Peer, peer } from './lookups-peer.ts'
import { PROTOCOLS, type Protocol, Served } from './lookups-protocols.ts'

const PATIENT = { timeout: 20_000 }
const served = new Served()
let trouble: string[] = []
const note = (message: unknown): void => {
  const { event, reason } = message as NetTrouble
  trouble.push(`${event} ${reason}`)
}
beforeEach(() => {
  trouble = []
  subscribe('drac.net', note)
})
afterEach(async () => {
  unsubscribe('drac.net', note)
  await served.close()
})

async function isServed(protocol: Protocol, endpoint: Endpoint): Promise<void> {
  const good = peer(served, endpoint)
  good.socket.write(protocol.ask('192.0.2.5'))
  await expect.poll(good.heard, PATIENT).toBe(protocol.permit.toString('latin1'))
  good.socket.destroy()
}

/** Writes until the server has had enough; reads nothing. */
async function flood({ socket, closed }: Peer, bytes: Buffer): Promise<void> {
  socket.pause()
  for (const event of ['drain', 'close']) socket.on(event, () => socket.emit('room'))
  while (!closed()) {
    if (socket.write(bytes)) await new Promise(setImmediate)
    else await new Promise((resolve) => socket.once('room', resolve))
  }
}

describe.each(PROTOCOLS)('$name', (protocol) => {
  const permit = protocol.permit.toString('latin1')
  const dunno = protocol.dunno.toString('latin1')

  test.each(['tcp', 'unix'] as const)('over %s: both answers, in any chunking', async (transport) => {
    const endpoint = await served.open(protocol, transport)
    if (endpoint.transport === 'unix') expect(statSync(endpoint.path).mode & 0o777).toBe(0o660)
    for (const size of [1, 7, 10_000]) {
      for (const [address, answer] of [['192.0.2.5', permit] as const, ['192.0.2.6', dunno] as const]) {
        const { socket, heard } = peer(served, endpoint)
        const request = protocol.ask(address)
        for (let at = 0; at < request.length; at += size) {
          socket.write(request.subarray(at, at + size))
          await new Promise(setImmediate)
        }
        await expect.poll(heard, PATIENT).toBe(answer)
      }
    }
  })

  test('a peer that has said everything has its answer, and then the end', async () => {
    const { socket, heard, closed } = peer(served, await served.open(protocol, 'tcp'))
    socket.end(protocol.ask('192.0.2.5'))
    await expect.poll(closed, PATIENT).toBe(true)
    expect(heard()).toBe(permit)
  })

  if (protocol.oneRequest) {
    test('one request a connection: what follows is not answered', async () => {
      const { socket, heard, ended } = peer(served, await served.open(protocol, 'tcp'))
      socket.write(Buffer.concat([protocol.ask('192.0.2.6'), protocol.ask('192.0.2.5'), protocol.ask('192.0.2.5')]))
      await expect.poll(ended, PATIENT).toBe(true)
      expect(heard()).toBe(dunno)
    })
  } else {
    test('ten thousand requests in one go are answered in order', async () => {
      const { socket, heard } = peer(served, await served.open(protocol, 'tcp'))
      const pair = Buffer.concat([protocol.ask('192.0.2.5'), protocol.ask('192.0.2.6')])
      socket.write(Buffer.concat(Array(5_000).fill(pair)))
      await expect.poll(() => heard().length, PATIENT).toBe(5_000 * (permit + dunno).length)
      expect(heard()).toBe((permit + dunno).repeat(5_000))
    })

    test('who never reads the answers is cut; meanwhile others are served', async () => {
      const endpoint = await served.open(protocol, 'tcp', { stallMs: 100 })
      const greedy = peer(served, endpoint)
      const request = protocol.ask('192.0.2.6')
      const flooded = flood(greedy, Buffer.concat(Array(Math.ceil(65_536 / request.length)).fill(request)))
      await isServed(protocol, endpoint)
      await flooded
      await expect.poll(() => trouble, PATIENT).toEqual(['cut unread-answers'])
      await isServed(protocol, endpoint)
    })
  }

  test('what cannot be a request ends the connection; what was asked before it is answered', async () => {
    const endpoint = await served.open(protocol, 'tcp')
    const { socket, heard, ended } = peer(served, endpoint)
    const before = protocol.oneRequest ? [] : [protocol.ask('192.0.2.6')]
    socket.write(Buffer.concat([...before, protocol.poison, protocol.ask('192.0.2.5')]))
    await expect.poll(ended, PATIENT).toBe(true)
    expect(heard()).toBe(protocol.oneRequest ? '' : dunno)
    await expect.poll(() => trouble, PATIENT).toContain('cut malformed')
    await isServed(protocol, endpoint)
  })

  test('half a request is not waited for; meanwhile others are served', async () => {
    const endpoint = await served.open(protocol, 'tcp', { messageMs: 100 })
    const slow = peer(served, endpoint)
    slow.socket.write(protocol.ask('192.0.2.5').subarray(0, 5))
    await isServed(protocol, endpoint)
    await expect.poll(slow.closed, PATIENT).toBe(true)
    expect(slow.heard()).toBe('')
    await expect.poll(() => trouble, PATIENT).toEqual(['cut message-deadline'])
  })

  test('a peer that says nothing is ended when its time is over', async () => {
    const endpoint = await served.open(protocol, 'tcp', { idleMs: 100 })
    await expect.poll(peer(served, endpoint).closed, PATIENT).toBe(true)
    await expect.poll(() => trouble, PATIENT).toEqual(['cut idle'])
  })

  test('connections over the limit are closed, and do not keep others out', async () => {
    const endpoint = await served.open(protocol, 'tcp', { total: 3 })
    const many = Array.from({ length: 10 }, () => peer(served, endpoint))
    await expect.poll(() => many.filter((one) => one.closed()).length, PATIENT).toBe(7)
    many.find((one) => !one.closed())!.socket.destroy()
    await expect
      .poll(async () => {
        const good = peer(served, endpoint)
        good.socket.end(protocol.ask('192.0.2.5'))
        await expect.poll(good.closed, PATIENT).toBe(true)
        return good.heard()
      }, PATIENT)
      .toBe(permit)
  })

  test('random bytes permit nobody', async () => {
    const endpoint = await served.open(protocol, 'tcp')
    const junk = Array.from({ length: 40 }, (_, size) => {
      const one = peer(served, endpoint)
      one.socket.end(randomBytes(size * size))
      return one
    })
    await expect.poll(() => junk.every((one) => one.closed()), PATIENT).toBe(true)
    for (const one of junk) expect(one.heard()).not.toContain(permit)
    await isServed(protocol, endpoint)
  })

  test('requests with one byte wrong permit nobody else', async () => {
    const endpoint = await served.open(protocol, 'tcp')
    const request = protocol.ask('192.0.2.6')
    const all = Array.from({ length: 60 }, (_, i) => {
      const mutated = Buffer.from(request)
      const at = (i * 7919) % request.length
      mutated[at] = mutated[at]! ^ (1 << (i % 8))
      const one = peer(served, endpoint)
      one.socket.end(mutated)
      // 192.0.2.6 may become 192.0.2.5 by nothing but two bits, or by an escape of more bytes.
      return one
    })
    await expect.poll(() => all.every((one) => one.closed()), PATIENT).toBe(true)
    for (const one of all) expect(one.heard()).not.toContain(permit)
  })

  test('the listener closes under open connections', async () => {
    const opened = await protocol.open(served.endpoint('unix'), {
      perSource: 9,
      total: 9,
      strangers: 0,
      strangerMs: 0,
      messageMs: 60_000,
      idleMs: 60_000,
      stallMs: 60_000,
      unsentBytes: 16 << 10,
      maxUnsentBytes: 64 << 10,
      inFlight: 1,
    })
    const [idle, half] = [peer(served, opened.endpoint), peer(served, opened.endpoint)]
    half.socket.write(protocol.ask('192.0.2.5').subarray(0, 3))
    await expect.poll(() => idle.socket.readyState === 'open' && half.socket.readyState === 'open', PATIENT).toBe(true)
    await opened.close(50)
    await expect.poll(() => idle.ended() && half.ended(), PATIENT).toBe(true)
  })
})
