// What a mail server says when dracd's btree map is not there or is not one: try again later, and local mail goes on.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Mta } from './mta.ts'
import { Namespace } from './namespace.ts'
import { startPostfix } from './postfix.ts'
import { skipping } from './programs.ts'
import { startSendmail } from './sendmail.ts'
import { askRelay, LOCAL } from './smtp.ts'

const SERVERS = [
  [
    'sendmail',
    (namespace: Namespace) => startSendmail(namespace, readFileSync('integrations/sendmail/btree.mc', 'utf8')),
  ],
  ['postfix', (namespace: Namespace) => startPostfix(namespace, readFileSync('integrations/postfix/btree.cf', 'utf8'))],
] as const
const STATES = [
  ['missing', undefined],
  ['empty', ''],
  ['not a Berkeley DB file', 'nothing of the kind\n'.repeat(1000)],
] as const

const skipped = skipping('broken-map.test.ts', 'sendmail', 'postfix')
describe.skipIf(skipped).each(SERVERS)('%s', (_, start) => {
  describe.each(STATES)('with a map that is %s', { timeout: 120_000 }, (_, content) => {
    let namespace: Namespace
    let mta: Mta
    beforeAll(async () => {
      namespace = await Namespace.open()
      const map = join(namespace.folder, 'etc/mail/dracd.db')
      if (content === undefined) rmSync(map, { force: true })
      else writeFileSync(map, content)
      mta = await start(namespace)
    }, 120_000)
    afterAll(() => namespace?.close())

    test.each(['192.0.2.5', '2001:db8::5'])('%s may not relay now, and may write to local users', async (client) => {
      expect(await askRelay(namespace, client), mta.log()).toMatchObject({ code: 451 })
      expect(await askRelay(namespace, client, LOCAL)).toMatchObject({ code: 250 })
    })
  })
})
