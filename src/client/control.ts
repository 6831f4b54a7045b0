// Requests to a running dracd over its control socket: HTTP with JSON.
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { type DracError, malformed, tempfail } from '../lib/errors.ts'

export interface ControlReply {
  readonly status: number
  readonly body: unknown
}

const MAX_REPLY_BYTES = 64 * 1024 * 1024

/**
 * One request. Throws `tempfail` DRAC_UNREACHABLE when no daemon answers, DRAC_TRY_AGAIN when it says 503,
 * `malformed` DRAC_REQUEST when it says 400. Other statuses are the caller's.
 * @param timeout milliseconds for everything
 */
export async function controlRequest(
  socketPath: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
  timeout = 30_000,
): Promise<ControlReply> {
  const reply = await exchange(socketPath, method, path, body, timeout)
  const reason = String((reply.body as { error?: unknown } | null)?.error ?? `HTTP ${reply.status}`)
  if (reply.status === 400) throw malformed('DRAC_REQUEST', reason)
  if (reply.status >= 500) throw tempfail('DRAC_TRY_AGAIN', reason)
  return reply
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: object | undefined,
  timeout: number,
): Promise<ControlReply> {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  const headers =
    payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
  return new Promise((resolve, reject) => {
    const unreachable = (error: Error): void => reject(unreachableError(socketPath, error))
    const call = request({ socketPath, method, path, headers, signal: AbortSignal.timeout(timeout) }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_REPLY_BYTES) response.destroy(new Error('the reply is too long'))
        else chunks.push(chunk)
      })
      response.on('error', unreachable)
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) })
        } catch (error) {
          unreachable(error as Error)
        }
      })
    })
    call.on('error', unreachable)
    call.end(payload)
  })
}

function unreachableError(socketPath: string, cause: Error): DracError {
  const code = (cause as NodeJS.ErrnoException).code
  const why =
    code === 'ENOENT' || code === 'ECONNREFUSED'
      ? 'no dracd is running there; start it, or name its socket with --control'
      : code === 'EACCES'
        ? 'permission denied; ask as root or as a member of its group'
        : cause.message
  return tempfail('DRAC_UNREACHABLE', `unix:${socketPath}: ${why}`, cause)
}

/**
 * The lines of a reply that goes on, as they come, until the daemon ends it. Throws as `controlRequest` does; ends when
 * the consumer stops reading.
 */
export async function* controlLines(socketPath: string, path: string): AsyncGenerator<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const call = request({ socketPath, method: 'GET', path }, resolve)
  call.on('error', (error) => reject(unreachableError(socketPath, error)))
  call.end()
  try {
    const response = await promise
    if (response.statusCode !== 200) throw tempfail('DRAC_TRY_AGAIN', `HTTP ${response.statusCode}`)
    yield* createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })
  } finally {
    call.destroy()
  }
}
