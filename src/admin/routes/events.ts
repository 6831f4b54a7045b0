// GET /v1/events: server-sent events (HTML standard, section 9.2), one JSON document each.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { tempfail } from '../../lib/errors.ts'
import { type WatchedEvent, watch } from '../events.ts'

const MAX_WATCHERS = 32
/** Bytes that may wait for a watcher who does not read; then the stream ends, and a browser comes again. */
const MAX_UNSENT = 1024 * 1024
/** So that a connection of which nothing is heard is known to be gone. */
const HEARTBEAT_MS = 15_000

export function addEvents(app: FastifyInstance): void {
  const watchers = new Set<ServerResponse>()

  app.get('/v1/events', (_request, reply) => {
    if (watchers.size >= MAX_WATCHERS) throw tempfail('DRAC_WATCHERS', `${MAX_WATCHERS} watch already`)
    reply.hijack()
    const { raw } = reply
    raw.socket?.setTimeout(0)
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    }
    raw.writeHead(200, headers)
    raw.write(': watching\n\n')
    watchers.add(raw)
    const send = (text: string): void => {
      if (raw.writableLength > MAX_UNSENT) raw.destroy()
      else raw.write(text)
    }
    const stop = watch((event: WatchedEvent) => send(`data: ${JSON.stringify(event)}\n\n`))
    const heartbeat = setInterval(() => send(': still there\n\n'), HEARTBEAT_MS).unref()
    raw.once('close', () => {
      stop()
      clearInterval(heartbeat)
      watchers.delete(raw)
    })
  })

  app.addHook('preClose', async () => {
    for (const raw of watchers) raw.end()
  })
}
