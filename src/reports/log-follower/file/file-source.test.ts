import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LogEvent } from '../../../protocols/login-log/event.ts'
import { LogMatcher } from '../../../protocols/login-log/matcher.ts'
import { FileSource } from './file-source.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-source-'))
  path = join(folder, 'mail.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Reads until `count` events have come; resolves with them and the position after them. */
async function read(count: number, position?: unknown): Promise<{ events: LogEvent[]; position: unknown }> {
  const source = await FileSource.open(path, new LogMatcher(), () => 0, position)
  const events: LogEvent[] = []
  let last: unknown
  await new Promise<void>((resolve) => {
    source.run(async (batch) => {
      events.push(...batch.events)
      last = JSON.parse(JSON.stringify(batch.position()))
      if (events.length >= count) resolve()
    })
  })
  await source.close()
  return { events, position: last }
}

test('two lines of one session are joined over a restart between them', async () => {
  const stamp = 'Nov 22 17:45:37 mailhost popa3d[59]:'
  appendFileSync(path, `${stamp} Session from 192.0.2.25\n`)
  const { position } = await read(0)
  appendFileSync(path, `${stamp} Authentication passed for carol\n`)
  const { events } = await read(1, position)
  expect(events).toMatchObject([{ kind: 'login', address: '192.0.2.25', user: 'carol' }])
})

test.each([undefined, 7, 'x', { marks: [{}], seenMs: 1, done: [] }, { marks: [], seenMs: 'x', done: [] }])(
  'a position that is none: from the recent lines on: %j',
  async (position) => {
    appendFileSync(
      path,
      'Nov 22 17:45:37 mailhost dovecot: imap-login: Login: user=<a>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, session=<a>\n',
    )
    expect((await read(1, position)).events).toHaveLength(1)
  },
)
