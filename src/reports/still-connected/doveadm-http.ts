// Dovecot's doveadm HTTP API: https://doc.dovecot.org/2.3/admin_manual/doveadm_http_api/
import { request } from 'node:http'
import { messageOf, tempfail } from '../../lib/errors.ts'

const MAX_ANSWER = 16 * 1024 * 1024

const failed = (why: string, cause?: unknown) => tempfail('DRAC_POLL', why, cause)

/**
 * The body of its answer to `body`. Rejects with `tempfail` for any status but 200, and on `signal`.
 * @param url http://HOST:PORT/doveadm/v1 @param key the doveadm_api_key
 */
export function askDoveadm(url: string, key: string, body: string, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const fail = (why: string, cause?: unknown): void => reject(failed(`${url}: ${why}`, cause))
  const asked = request(url, {
    method: 'POST',
    agent: false,
    signal,
    headers: {
      authorization: `X-Dovecot-API ${Buffer.from(key).toString('base64')}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  })
  asked.once('error', (error) => fail(messageOf(error), error))
  asked.once('response', (response) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_ANSWER) asked.destroy(new Error(`an answer of more than ${MAX_ANSWER} bytes`))
      else chunks.push(chunk)
    })
    response.once('error', (error) => fail(messageOf(error), error))
    response.once('end', () => {
      if (!response.complete) fail('the answer was cut short')
      else if (response.statusCode === 401) fail('401: it wants another doveadm_api_key than key_file holds')
      else if (response.statusCode !== 200) fail(`HTTP status ${response.statusCode}`)
      else resolve(Buffer.concat(chunks))
    })
  })
  asked.end(body)
  return promise
}
