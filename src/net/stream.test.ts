import { spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection, Conversation } from './connection.ts'
import { type Endpoint, parseEndpoint } from './endpoint.ts'
import type { StreamLimits } from './limits.ts'
import { openStream, type StreamListener, type StreamService } from './stream.ts'
import type { NetTrouble } from './trouble.ts'

const LIMITS: StreamLimits = {
  perSource: 100,
  total: 100,
  strangers: 2,
  strangerMs: 300,
  messageMs: 600_000,
  idleMs: 600_000,
  stallMs: 600_000,
  unsentBytes: 16 << 10,
  maxUnsentBytes: 64 << 10,
  inFlight: 4,
}

const open: { close(): unknown }[] = []
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
  await Promise.all(open.splice(0).map((it) => it.close()))
})

/** Messages are lines. */
class Lines implements Conversation {
  #held = ''
  readonly framer
  readonly message: (bytes: Uint8Array) => void
  constructor(onLine: (line: string) => void) {
    const lines = this
    this.message = (bytes) => onLine(Buffer.from(bytes).toString())
    this.framer = {
      get pending() {
        return lines.#held !== ''
      },
      *push(chunk: Uint8Array) {
        for (const character of Buffer.from(chunk).toString('latin1')) {
          if (character === '!') throw new Error('malformed')
          if (character !== '\n') lines.#held += character
          else {
            const line = lines.#held
            lines.#held = ''
            yield Buffer.from(line)
          }
        }
      },
    }
  }
}

const echo: StreamService = {
  converse: (connection) => new Lines((line) => connection.send(`${line}\n`)),
}

async function serve(
  service: StreamService = echo,
  limits: Partial<StreamLimits> = {},
  endpoint = 'tcp:127.0.0.1:0',
): Promise<StreamListener> {
  const listener = await openStream(parseEndpoint(endpoint), { ...LIMITS, ...limits }, service)
  open.push({ close: () => listener.close(0) })
  return listener
}

/** A connection with what came over it; `done` once the other side ended it. */
class Client {
  readonly socket: Socket
  text = ''
  ended = false
  constructor(endpoint: Endpoint) {
    this.socket =
      endpoint.transport === 'unix' ? connect(endpoint.path) : connect(endpoint.port, endpoint.address as string)
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.ended = true
    })
    this.socket.on('end', () => {
      this.ended = true
    })
    open.push({ close: () => this.socket.destroy() })
  }
  async says(text: string): Promise<void> {
    await expect.poll(() => this.text, { timeout: 10_000 }).toBe(text)
  }
  async ends(): Promise<void> {
    await expect.poll(() => this.ended, { timeout: 10_000 }).toBe(true)
  }
}

test.each(['tcp:127.0.0.1:0', 'tcp:[::1]:0'])('%s answers, in any chunking', async (endpoint) => {
  const listener = await serve(echo, {}, endpoint)
  const client = new Client(listener.endpoint)
  for (const piece of ['o', 'ne\ntw', 'o\n', 'three\nfour\n']) {
    client.socket.write(piece)
    await new Promise(setImmediate)
  }
  await client.says('one\ntwo\nthree\nfour\n')
})

test('IPv4 and IPv6 listeners stand side by side on one port', async () => {
  const four = await serve(echo, {}, 'tcp:0.0.0.0:0')
  const port = 'port' in four.endpoint ? four.endpoint.port : 0
  const six = await serve(echo, {}, `tcp:[::]:${port}`)
  for (const [listener, address] of [
    [four, '127.0.0.1'],
    [six, '::1'],
  ] as const) {
    const client = new Client({ ...listener.endpoint, address } as Endpoint)
    client.socket.write('here\n')
    await client.says('here\n')
  }
})

test('who is not admitted is closed unread; strangers are few, get one deadline, and take no place of others', async () => {
  let admitted: 'serve' | 'one-record' | 'close' = 'close'
  let conversations = 0
  const listener = await serve(
    {
      admit: () => admitted,
      converse: (connection) => {
        conversations++
        return echo.converse(connection)
      },
    },
    { total: 1 },
  )
  const refused = new Client(listener.endpoint)
  refused.socket.write('hello\n')
  await refused.ends()
  expect([refused.text, conversations]).toEqual(['', 0])

  admitted = 'one-record'
  const strangers = [1, 2].map(() => new Client(listener.endpoint))
  await expect.poll(() => conversations).toBe(2)
  await new Client(listener.endpoint).ends()
  admitted = 'serve'
  const good = new Client(listener.endpoint)
  good.socket.write('good\n')
  await good.says('good\n')
  // They keep talking; the deadline is from the first moment and stays.
  const talk = setInterval(() => {
    for (const stranger of strangers) stranger.socket.write('more\n')
  }, 20)
  await Promise.all(strangers.map((s) => s.ends())).finally(() => clearInterval(talk))
  expect(trouble).toEqual(['refused not-admitted', 'refused stranger-limit', 'cut one-record', 'cut one-record'])
})

test('limits: idle connections give way, the longest idle first; those that never asked before those that did', async () => {
  const listener = await serve(echo, { perSource: 3 })
  const [asked, first, second] = [1, 2, 3].map(() => new Client(listener.endpoint)) as [Client, Client, Client]
  await expect.poll(() => listener.connections).toBe(3)
  asked.socket.write('asked\n')
  await asked.says('asked\n')
  for (const [victim, text] of [
    [first, 'third\n'],
    [second, 'fourth\n'],
    [asked, 'fifth\n'],
  ] as const) {
    const next = new Client(listener.endpoint)
    next.socket.write(text)
    await next.says(text)
    await victim.ends()
    expect(listener.connections).toBe(3)
  }
  expect(trouble).toEqual(['cut displaced', 'cut displaced', 'cut displaced'])
})

test('limits: a newcomer is refused when every other has a call in flight', async () => {
  const listener = await serve({ converse: (connection) => new Lines(() => connection.hold()) }, { perSource: 1 })
  const working = new Client(listener.endpoint)
  working.socket.write('work\n')
  await expect.poll(() => listener.connections).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await new Client(listener.endpoint).ends()
  expect(working.ended).toBe(false)
  expect(trouble).toEqual(['refused source-limit'])
})

test('limits: with too many in all, the source that has most gives way', async () => {
  const listener = await serve(echo, { total: 3 })
  const from = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port: (listener.endpoint as { port: number }).port, host: '127.0.0.1', localAddress })
    open.push({ close: () => socket.destroy() })
    socket.resume()
    await once(socket, 'connect')
    return socket
  }
  const modest = await from('127.0.0.2')
  const greedy = [await from('127.0.0.3'), await from('127.0.0.3')]
  await expect.poll(() => listener.connections).toBe(3)
  const newcomer = await from('127.0.0.4')
  await expect.poll(() => greedy[0]!.closed).toBe(true)
  // Nobody has more than this one now: its own makes room.
  const again = await from('127.0.0.4')
  await expect.poll(() => newcomer.closed).toBe(true)
  expect([modest.closed, greedy[1]!.closed, again.closed]).toEqual([false, false, false])
})

test('a place is free again when its connection has ended', async () => {
  const listener = await serve({ converse: (connection) => new Lines(() => connection.hold()) }, { perSource: 1 })
  const first = new Client(listener.endpoint)
  first.socket.write('work\n')
  await expect.poll(() => listener.connections).toBe(1)
  first.socket.resetAndDestroy()
  await expect.poll(() => listener.connections).toBe(0)
  const next = new Client(listener.endpoint)
  next.socket.write('work\n')
  await expect.poll(() => listener.connections).toBe(1)
  expect(next.ended).toBe(false)
})

test('a message that does not end is cut, however steadily it drips; a finished one is not', async () => {
  const listener = await serve(echo, { messageMs: 500 })
  const [slow, good] = [new Client(listener.endpoint), new Client(listener.endpoint)]
  const drip = setInterval(() => slow.socket.write('x'), 30)
  good.socket.write('good\n')
  await slow.ends().finally(() => clearInterval(drip))
  expect([slow.text, good.text, good.ended]).toEqual(['', 'good\n', false])
  expect(trouble).toEqual(['cut message-deadline'])
})

test('an idle connection is cut; one that asks now and then is not', async () => {
  const listener = await serve(echo, { idleMs: 700 })
  const [idle, lively] = [new Client(listener.endpoint), new Client(listener.endpoint)]
  const ask = setInterval(() => lively.socket.write('x\n'), 100)
  await idle.ends()
  expect(lively.ended).toBe(false)
  clearInterval(ask)
  await lively.ends()
  expect(trouble).toEqual(['cut idle', 'cut idle'])
})

test('a connection that we owe an answer is not idle', async () => {
  let answer = (): void => {}
  const listener = await serve(
    {
      converse: (connection) =>
        new Lines((line) => {
          connection.hold()
          answer = () => {
            connection.send(`${line}\n`)
            connection.release()
          }
        }),
    },
    { idleMs: 300 },
  )
  const [owed, idle] = [new Client(listener.endpoint), new Client(listener.endpoint)]
  owed.socket.write('slow\n')
  await idle.ends()
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(owed.ended).toBe(false)
  answer()
  await owed.says('slow\n')
  await owed.ends()
})

test('a peer that asks and never reads is cut at a bound, and what it asks is not read on', async () => {
  const connections: Connection[] = []
  let asked = 0
  const big = 'y'.repeat(8_000)
  const listener = await serve(
    {
      converse: (connection) => {
        connections.push(connection)
        return new Lines(() => {
          asked++
          connection.send(`${big}\n`)
        })
      },
    },
    { stallMs: 500 },
  )
  const greedy = new Client(listener.endpoint)
  greedy.socket.pause()
  greedy.socket.write('a\n'.repeat(100_000))
  await expect.poll(() => trouble, { timeout: 10_000 }).toEqual(['cut unread-answers'])
  // What the kernel takes on both sides is some megabytes at most; 100,000 answers would be 800 MB.
  expect(asked * big.length).toBeLessThan(32 << 20)
})

test('answers that come after the peer stopped reading are bounded too', async () => {
  const listener = await serve(
    { converse: (connection) => new Lines(() => connection.send('z'.repeat(20 << 20))) },
    { maxUnsentBytes: 1 << 20 },
  )
  const greedy = new Client(listener.endpoint)
  greedy.socket.pause()
  greedy.socket.write('a\n')
  await expect.poll(() => trouble, { timeout: 10_000 }).toEqual(['cut unread-answers'])
})

test('a slow reader that does read gets everything', async () => {
  const listener = await serve(echo, { unsentBytes: 1024 })
  const client = new Client(listener.endpoint)
  const lines = Array.from({ length: 40_000 }, (_, i) => `line ${i}\n`).join('')
  client.socket.pause()
  client.socket.write(lines)
  await new Promise((resolve) => setTimeout(resolve, 100))
  client.socket.resume()
  await client.says(lines)
  expect(trouble).toEqual([])
})

test('at most so many calls of one connection are in flight, and all are answered', async () => {
  let inFlight = 0
  let most = 0
  const listener = await serve({
    converse: (connection) =>
      new Lines(async (line) => {
        connection.hold()
        most = Math.max(most, ++inFlight)
        await new Promise(setImmediate)
        inFlight--
        connection.send(`${line}\n`)
        connection.release()
      }),
  })
  const client = new Client(listener.endpoint)
  const lines = Array.from({ length: 1_000 }, (_, i) => `${i}\n`).join('')
  client.socket.end(lines)
  await client.says(lines)
  await client.ends()
  expect(most).toBe(LIMITS.inFlight)
})

test('calls that are answered at once, held and released, are all answered too', async () => {
  const listener = await serve({
    converse: (connection) =>
      new Lines((line) => {
        connection.hold()
        connection.send(`${line}\n`)
        connection.release()
      }),
  })
  const client = new Client(listener.endpoint)
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join('')
  client.socket.end(lines)
  await client.says(lines)
  await client.ends()
})

test('half-open: a peer that has said all still gets its answers', async () => {
  const listener = await serve()
  const client = new Client(listener.endpoint)
  client.socket.end('last\n')
  await client.says('last\n')
  await client.ends()
  await expect.poll(() => listener.connections).toBe(0)
})

test('what was asked before nonsense is answered, then the connection ends', async () => {
  const listener = await serve()
  const client = new Client(listener.endpoint)
  client.socket.write('one\ntwo\n!three\n')
  await client.says('one\ntwo\n')
  await client.ends()
  await expect.poll(() => trouble).toEqual(['cut malformed'])
})

test('closing: idle connections end, a call in flight is answered first, one that takes too long is cut', async () => {
  const answers = new Map<string, () => void>()
  const listener = await serve({
    converse: (connection) =>
      new Lines((line) => {
        connection.hold()
        answers.set(line, () => {
          connection.send(`${line}\n`)
          connection.release()
        })
      }),
  })
  const [idle, busy, stuck] = [1, 2, 3].map(() => new Client(listener.endpoint)) as [Client, Client, Client]
  busy.socket.write('busy\n')
  stuck.socket.write('stuck\n')
  await expect.poll(() => [answers.size, listener.connections]).toEqual([2, 3])
  const closed = listener.close(1_000)
  await idle.ends()
  await new Client(listener.endpoint).ends()
  answers.get('busy')!()
  await busy.says('busy\n')
  await busy.ends()
  await closed
  await stuck.ends()
  expect([idle.text, stuck.text]).toEqual(['', ''])
})

test('a taken port, a foreign address and a missing directory are config errors with a cure', async () => {
  const { endpoint } = await serve()
  const port = 'port' in endpoint ? endpoint.port : 0
  await expect(serve(echo, {}, `tcp:127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'DRAC_LISTEN',
    kind: 'config',
    message: expect.stringContaining('something else listens there'),
  })
  await expect(serve(echo, {}, 'tcp:192.0.2.1:0')).rejects.toMatchObject({ kind: 'config' })
  await expect(serve(echo, {}, 'unix:/nonexistent/drac.sock')).rejects.toMatchObject({ kind: 'config' })
})

test('unix: mode 0660; served, it is not taken over; left behind, it is; closed, it is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drac-net-'))
  open.push({ close: () => rmSync(folder, { recursive: true }) })
  const path = join(folder, 'a.sock')
  const listener = await serve(echo, {}, `unix:${path}`)
  expect(statSync(path).mode & 0o7777).toBe(0o660)
  const client = new Client(listener.endpoint)
  client.socket.write('over a file\n')
  await client.says('over a file\n')
  await expect(serve(echo, {}, `unix:${path}`)).rejects.toMatchObject({
    code: 'DRAC_LISTEN',
    message: expect.stringContaining('another process serves it'),
  })
  await listener.close(0)
  expect(() => statSync(path)).toThrow('ENOENT')

  await leaveBehind(path)
  expect(statSync(path).isSocket()).toBe(true)
  const again = await serve(echo, {}, `unix:${path}`)
  const next = new Client(again.endpoint)
  next.socket.write('again\n')
  await next.says('again\n')
})

test('unix: a file that is no socket is left alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drac-net-'))
  open.push({ close: () => rmSync(folder, { recursive: true }) })
  const path = join(folder, 'mail.db')
  writeFileSync(path, 'precious')
  await expect(serve(echo, {}, `unix:${path}`)).rejects.toThrow('no socket is in the way')
  expect(statSync(path).size).toBe(8)
})

/** A socket file whose server was killed. */
async function leaveBehind(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('out of descriptors: accepting fails without harm and goes on when there are some again', async () => {
  const program = `
    const { openStream } = await import(${JSON.stringify(new URL('./stream.ts', import.meta.url).href)})
    const listener = await openStream({ transport: 'tcp', address: '127.0.0.1', port: 0 }, ${JSON.stringify(LIMITS)},
      { converse: (c) => ({ framer: { pending: false, *push(chunk) { yield chunk } }, message: (b) => c.send(Buffer.from(b)) }) })
    console.log(listener.endpoint.port)`
  const child = spawn('sh', ['-c', `ulimit -n 64; exec "$0" --input-type=module -e "$1"`, process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  open.push({ close: () => child.kill('SIGKILL') })
  const port = Number(await once(child.stdout, 'data'))
  const endpoint = { transport: 'tcp', address: '127.0.0.1', port } as unknown as Endpoint
  const many = Array.from({ length: 90 }, () => new Client(endpoint))
  for (const client of many) client.socket.write('x')
  await expect.poll(() => many.every((c) => c.text === 'x' || c.ended), { timeout: 10_000 }).toBe(true)
  expect(many.some((c) => c.ended)).toBe(true)
  for (const client of many) client.socket.destroy()
  const served = async (): Promise<string> => {
    const after = new Client(endpoint)
    after.socket.write('after')
    await expect.poll(() => after.text !== '' || after.ended, { timeout: 10_000 }).toBe(true)
    return after.text
  }
  await expect.poll(served, { timeout: 20_000 }).toBe('after')
  expect(child.exitCode).toBeNull()
})
