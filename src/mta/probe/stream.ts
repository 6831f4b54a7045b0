// Asks one listener of dracd one question, and tells whether a right answer came in time.
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { Endpoint, InetEndpoint } from '../../net/endpoint.ts'

/** What to send, and whether what has come is the answer: undefined while more may come. */
export interface Question {
  readonly bytes: Uint8Array
  accept(received: Buffer): boolean | undefined
}

const MAX_BYTES = 64 * 1024

/** Undefined when it answers; else why not. @param timeout milliseconds for everything */
export const probe = (endpoint: Endpoint, question: Question, timeout: number): Promise<string | undefined> =>
  endpoint.transport === 'udp' ? datagram(endpoint, question, timeout) : stream(endpoint, question, timeout)

function stream(endpoint: Endpoint, question: Question, timeout: number): Promise<string | undefined> {
  const place =
    endpoint.transport === 'unix' ? { path: endpoint.path } : { host: endpoint.address, port: endpoint.port }
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const socket = connect(place, () => socket.write(question.bytes))
    const done = (why: string | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(why)
    }
    const timer = setTimeout(() => done(`no answer in ${timeout / 1000} s`), timeout)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const right = received.length > MAX_BYTES ? false : question.accept(received)
      if (right !== undefined) done(right ? undefined : 'a wrong answer')
    })
    socket.on('end', () => done('it closed the connection'))
    socket.on('error', (error) => done(error.message))
  })
}

function datagram(endpoint: InetEndpoint, question: Question, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(endpoint.address.includes(':') ? 'udp6' : 'udp4')
    const done = (why: string | undefined): void => {
      clearTimeout(timer)
      socket.close()
      resolve(why)
    }
    const timer = setTimeout(() => done(`no answer in ${timeout / 1000} s`), timeout)
    socket.on('message', (bytes) => done(question.accept(bytes) ? undefined : 'a wrong answer'))
    socket.on('error', (error) => done(error.message))
    socket.connect(endpoint.port, endpoint.address, () => socket.send(question.bytes))
  })
}
