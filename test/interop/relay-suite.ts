// What every mail server that asks dracd must do: the same questions to each, with its own answers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildDracCall } from './drac-call.ts'
import { Dracd, type DracdOptions } from './dracd.ts'
import type { Mta } from './mta.ts'
import { Namespace } from './namespace.ts'
import { askRelay, LOCAL, REMOTE, SmtpSession } from './smtp.ts'
import { until } from './wait.ts'

export interface Relay {
  readonly start: (namespace: Namespace) => Promise<Mta>
  readonly dracd?: DracdOptions
  /** RFC 5321 code that refuses to relay for good */
  readonly denied: 550 | 554
  /** asked at each recipient; a map file is read some time after it was written */
  readonly source: 'live' | 'map'
  /** does an open SMTP session see what changes meanwhile? */
  readonly midSession: boolean
  /** who hears the right answer again after dracd was away: a session that asked meanwhile, or only the next one */
  readonly recovers: 'in the session' | 'in the next session'
  /** the answer to a would-be relay when dracd has stopped, and when it hangs; 'waits' is longer than a test should */
  readonly stopped: number
  readonly hanging: number | 'waits'
}

const FAMILIES = [
  ['IPv4', '192.0.2.'],
  ['IPv6', '2001:db8::'],
] as const

/** Registers the tests of one way for one server to ask, in a namespace of their own. */
export function describeRelay(name: string, relay: Relay): void {
  describe(name, { timeout: 120_000 }, () => {
    let namespace: Namespace
    let dracd: Dracd
    let program: string
    beforeAll(async () => {
      namespace = await Namespace.open()
      program = await buildDracCall()
      dracd = await Dracd.start(namespace, relay.dracd)
      await relay.start(namespace)
    }, 120_000)
    afterAll(() => namespace?.close())

    const login = (address: string): void => expect(dracd.report(program, address)).toBe(0)

    /** What is asked live holds at once; a map is read when it has been written. */
    async function answers(address: string, code: number): Promise<void> {
      if (relay.source === 'map')
        await until(`${code} for ${address}`, async () => (await askRelay(namespace, address)).code === code)
      expect(await askRelay(namespace, address)).toMatchObject({ code })
    }
    const acceptsLocalMail = async (): Promise<void> =>
      expect(await askRelay(namespace, '192.0.2.6', LOCAL)).toMatchObject({ code: 250 })

    describe.each(FAMILIES)('%s', (_, network) => {
      test('relays for a client that has logged in', async () => {
        login(`${network}5`)
        await answers(`${network}5`, 250)
      })

      test('does not relay for a client that never has', async () => {
        await answers(`${network}6`, relay.denied)
        expect(await askRelay(namespace, `${network}6`, LOCAL)).toMatchObject({ code: 250 })
      })

      test('does not relay any more when it was revoked', async () => {
        login(`${network}8`)
        await answers(`${network}8`, 250)
        await dracd.revoke(`${network}8`)
        await answers(`${network}8`, relay.denied)
      })

      if (relay.midSession)
        test('an open session sees a login, a revocation and another login', async () => {
          const session = await SmtpSession.open(namespace, `${network}9`)
          const sees = (code: number): Promise<true> =>
            until(`${code} in the open session`, async () => (await session.rcpt(REMOTE)).code === code && true)
          await sees(relay.denied)
          login(`${network}9`)
          await sees(250)
          await dracd.revoke(`${network}9`)
          await sees(relay.denied)
          login(`${network}9`)
          await sees(250)
          await session.close()
        })
    })

    test('does not relay any more when the login has expired', async () => {
      const clients = FAMILIES.map(([, network]) => `${network}7`)
      for (const client of clients) {
        await until(`a short permit of ${client} to be seen`, async () => {
          await dracd.permit(client, 3)
          return (await askRelay(namespace, client)).code === 250
        })
      }
      for (const client of clients)
        await until(`${client} to expire`, async () => (await askRelay(namespace, client)).code === relay.denied)
    })

    test('dracd stopped: nobody relays, local mail is accepted', async () => {
      login('192.0.2.5')
      await answers('192.0.2.5', 250)
      expect(await dracd.stop()).toBe(0)
      for (const [, network] of FAMILIES)
        for (const client of ['5', '6']) await answers(network + client, relay.stopped)
      await acceptsLocalMail()
      await dracd.run()
      await answers('192.0.2.5', 250)
    })

    test('dracd killed: no stranger relays, local mail is accepted', async () => {
      login('192.0.2.5')
      await answers('192.0.2.5', 250)
      const session = await SmtpSession.open(namespace, '192.0.2.5')
      await dracd.kill()
      const down = relay.source === 'map' ? relay.denied : relay.stopped
      for (const [, network] of FAMILIES) await answers(`${network}6`, down)
      // A map file outlives the daemon that would take the entry out: the integration pages warn of it.
      await answers('192.0.2.5', relay.source === 'map' ? 250 : relay.stopped)
      expect(await session.rcpt(REMOTE)).toMatchObject({ code: relay.source === 'map' ? 250 : relay.stopped })
      await acceptsLocalMail()
      await dracd.run()
      await answers('192.0.2.5', 250)
      const again = relay.recovers === 'in the session' ? 250 : relay.stopped
      expect(await session.rcpt(REMOTE)).toMatchObject({ code: again })
      await session.close()
    })

    test('dracd hangs: no stranger relays, local mail is accepted', async () => {
      dracd.stall()
      try {
        await acceptsLocalMail()
        if (relay.hanging === 'waits') await waits(namespace)
        else await answers('192.0.2.6', relay.hanging)
      } finally {
        dracd.resume()
      }
      await answers('192.0.2.6', relay.denied)
    })
  })
}

/** The server waits for dracd and says nothing meanwhile: no permit in 3 s, the right answer when dracd goes on. */
async function waits(namespace: Namespace): Promise<void> {
  const session = await SmtpSession.open(namespace, '192.0.2.6')
  const answer = session.rcpt(REMOTE)
  const silence = new Promise<'silence'>((resolve) => setTimeout(() => resolve('silence'), 3000))
  expect(await Promise.race([answer, silence])).toBe('silence')
  void answer.finally(() => session.close())
}
