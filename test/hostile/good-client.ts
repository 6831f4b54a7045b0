// A client as it should be, over UDP, over one lasting TCP connection, over a new one each time, and over socketmap.
import { createSocket, type Socket as Datagram } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAddress } from '../../src/lib/address.ts'
import { DRACPROG, decodeAddResult, encodeAdd } from '../../src/protocols/drac/add.ts'
import { decodeReply, encodeCall } from '../../src/protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../../src/protocols/oncrpc/record-marking.ts'
import type { Ports } from './attacks.ts'

export interface Served {
  /** What was asked and not answered rightly in 10 s, in words. */
  readonly wrong: string[]
  /** Milliseconds from request to answer. */
  readonly latencies: Record<string, number[]>
}

/** Libdrac's first retransmission comes after 5 s, ours earlier: a datagram may be lost beside a flood of others. */
const RETRANSMIT_MS = 1_000
const PATIENCE_MS = 10_000

/** Asks all four ways, one request at a time each, for `ms`. */
export async function beGood(ports: Ports, ms: number): Promise<Served> {
  const served: Served = { wrong: [], latencies: {} }
  const until = performance.now() + ms
  const ways = [
    new OverUdp(ports.udp),
    new OverTcp(ports.tcp),
    new OverNewTcp(ports.tcp),
    new OverSocketmap(ports.socketmap),
  ]
  await Promise.all(ways.map((way) => keepAsking(way, served, until)))
  for (const way of ways) way.close()
  return served
}

interface Way {
  readonly name: string
  /** Resolves with what was answered. */
  ask(n: number): Promise<string>
  close(): void
}

async function keepAsking(way: Way, served: Served, until: number): Promise<void> {
  const latencies: number[] = []
  served.latencies[way.name] = latencies
  for (let n = 1; performance.now() < until; n++) {
    const start = performance.now()
    const answer = await Promise.race([way.ask(n), sleep(PATIENCE_MS, 'nothing', { ref: false })]).catch(String)
    latencies.push(performance.now() - start)
    if (answer !== 'yes') served.wrong.push(`${way.name} ${n}: ${answer}`)
    await sleep(4)
  }
}

const addCall = (xid: number): Buffer => {
  const { vers, args } = encodeAdd(parseAddress(`192.0.2.${1 + (xid % 250)}`))
  return encodeCall({ xid, prog: DRACPROG, vers, proc: 1, args })
}

function judge(bytes: Uint8Array, xid: number): string {
  const reply = decodeReply(bytes)
  if (reply.xid !== xid || reply.stat !== 'SUCCESS') return `${reply.xid} ${reply.stat}`
  return decodeAddResult(reply.results) === 0 ? 'yes' : 'another addstat'
}

class OverUdp implements Way {
  readonly name = 'UDP'
  readonly #socket: Datagram = createSocket('udp4')
  readonly #port: number
  #answered: (bytes: Buffer) => void = () => {}
  constructor(port: number) {
    this.#port = port
    this.#socket.on('message', (bytes) => this.#answered(bytes))
  }
  async ask(n: number): Promise<string> {
    const send = (): void => this.#socket.send(addCall(n), this.#port, '127.0.0.1')
    const resend = setInterval(send, RETRANSMIT_MS)
    const answer = new Promise<string>((resolve) => {
      this.#answered = (bytes) => bytes.readUInt32BE(0) === n && resolve(judge(bytes, n))
    })
    send()
    return answer.finally(() => clearInterval(resend))
  }
  close(): void {
    this.#socket.close()
  }
}

/** One connection, one request at a time; lost, it says so. */
class Line {
  readonly socket: Socket
  #settle: { resolve(chunk: Buffer): void; reject(error: Error): void } | undefined
  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setNoDelay()
    this.socket.on('data', (chunk) => this.#settle?.resolve(chunk as Buffer))
    this.socket.on('error', (error) => this.#settle?.reject(error))
    this.socket.on('close', () => this.#settle?.reject(new Error('the connection was closed')))
  }
  ask(bytes: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      if (this.socket.destroyed) reject(new Error('the connection was closed'))
      this.socket.write(bytes)
    })
  }
}

class OverTcp implements Way {
  readonly name: string = 'TCP'
  readonly #line: Line
  constructor(port: number) {
    this.#line = new Line(port)
  }
  async ask(n: number): Promise<string> {
    const [record] = new RecordReader().push(await this.#line.ask(encodeRecord(addCall(n))))
    return record === undefined ? 'part of a record' : judge(record, n)
  }
  close(): void {
    this.#line.socket.destroy()
  }
}

class OverNewTcp implements Way {
  readonly name = 'TCP, a new connection'
  readonly #port: number
  constructor(port: number) {
    this.#port = port
  }
  async ask(n: number): Promise<string> {
    const way = new OverTcp(this.#port)
    return way.ask(n).finally(() => way.close())
  }
  close(): void {}
}

class OverSocketmap implements Way {
  readonly name = 'socketmap'
  readonly #line: Line
  constructor(port: number) {
    this.#line = new Line(port)
  }
  async ask(): Promise<string> {
    const answer = String(await this.#line.ask(Buffer.from('16:drac 203.0.113.9,')))
    return answer === '9:NOTFOUND ,' ? 'yes' : answer
  }
  close(): void {
    this.#line.socket.destroy()
  }
}

/** @param quantile 0.99, say */
export function at(quantile: number, latencies: readonly number[]): number {
  const sorted = latencies.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN
}
