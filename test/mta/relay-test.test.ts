// What drac check makes of a mail server's answers. Everything asks from 127.0.0.0/8, which is this host on Linux.
import { afterEach, describe, expect, test } from 'vitest'
import { parsePrefix } from '../../src/lib/prefix.ts'
import { permitFindings } from '../../src/mta/smtp/permit-test.ts'
import { relayFindings } from '../../src/mta/smtp/relay-test.ts'
import { FakeSmtp } from './fake-smtp.ts'

const LINUX = process.platform === 'linux'
if (!LINUX) console.warn('skipped: relay-test.test.ts: only Linux lets a program bind any address of 127.0.0.0/8')

const fakes: FakeSmtp[] = []
afterEach(() => {
  for (const fake of fakes.splice(0)) fake.stop()
})
async function smtp(...replies: Parameters<typeof FakeSmtp.start>): Promise<FakeSmtp> {
  const fake = await FakeSmtp.start(...replies)
  fakes.push(fake)
  return fake
}
const serverOf = (fake: FakeSmtp) => ({ host: '127.0.0.1', port: Number(fake.place.split(':')[1]) })
const LOCAL = [parsePrefix('127.0.0.1')]
const nobody = async (): Promise<boolean> => false

describe.skipIf(!LINUX)('a stranger asks', () => {
  test.each([
    ['554 5.7.1 Relay access denied', 'ok', /^refuses to relay for 127\.114\.99\.1: 554 5\.7\.1 Relay access denied$/],
    ['550-no\r\n550 never', 'ok', /refuses to relay .*: 550 never/],
    ['451 4.3.0 try later', 'warning', /451 4\.3\.0 try later .*it cannot ask dracd/],
    ['250 2.1.5 Ok', 'error', /^OPEN RELAY: /],
    ['251 will forward', 'error', /^OPEN RELAY: /],
    ['354 go ahead', 'warning', /answers 354/],
  ])('and hears %j', async (reply, level, message) => {
    const fake = await smtp(() => reply)
    const { findings } = await relayFindings({
      server: serverOf(fake),
      source: undefined,
      trusted: LOCAL,
      authorized: nobody,
    })
    expect(findings).toMatchObject([{ level, message: expect.stringMatching(message) }])
    const said = fake.heard.map(({ line }) => line)
    expect(said).toEqual([
      'EHLO drac-check.invalid',
      'MAIL FROM:<>',
      'RCPT TO:<drac-check@example.invalid>',
      'RSET',
      'QUIT',
    ])
    expect(fake.heard[0]!.client).toBe('127.114.99.1')
  })

  test('from an address that is named, and whatever that is, a 250 is an open relay', async () => {
    const fake = await smtp(() => '250 ok')
    const { findings } = await relayFindings({
      server: serverOf(fake),
      source: '127.0.0.9',
      trusted: undefined,
      authorized: nobody,
    })
    expect(findings).toMatchObject([{ level: 'error', message: expect.stringContaining('127.0.0.9') }])
  })

  test('when it is not known whether the host trusts itself, a 250 is no proof', async () => {
    const fake = await smtp(() => '250 ok')
    const { findings } = await relayFindings({
      server: serverOf(fake),
      source: undefined,
      trusted: undefined,
      authorized: nobody,
    })
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/trusts its own host, or everybody/) },
    ])
  })

  test('when every address of the host is trusted nothing is asked', async () => {
    const fake = await smtp(() => '250 ok')
    const { findings } = await relayFindings({
      server: serverOf(fake),
      source: undefined,
      trusted: [parsePrefix('0.0.0.0/0')],
      authorized: nobody,
    })
    expect(findings).toMatchObject([{ level: 'warning', message: expect.stringMatching(/^not asked/) }])
    expect(fake.heard).toEqual([])
  })

  test('an address that dracd authorizes is no stranger', async () => {
    const fake = await smtp(() => '250 ok')
    const { findings } = await relayFindings({
      server: serverOf(fake),
      source: '127.0.0.9',
      trusted: LOCAL,
      authorized: async () => true,
    })
    expect(findings).toMatchObject([{ level: 'warning', message: expect.stringMatching(/dracd authorizes it now/) }])
    expect(fake.heard).toEqual([])
  })

  test('a sender that is refused is no refusal to relay', async () => {
    const fake = await smtp(
      () => '554 no',
      () => '550 5.1.8 no such sender',
    )
    const { findings } = await relayFindings({
      server: serverOf(fake),
      source: undefined,
      trusted: LOCAL,
      authorized: nobody,
    })
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/could not be asked: MAIL FROM:<>: 550/) },
    ])
  })

  test('nobody there', async () => {
    const gone = await smtp(() => '250 ok')
    const server = serverOf(gone)
    gone.stop()
    const { findings } = await relayFindings({ server, source: undefined, trusted: LOCAL, authorized: nobody })
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/could not be asked: .*ECONNREFUSED/) },
    ])
  })
})

describe.skipIf(!LINUX)('a client that is permitted for the test', () => {
  /** A mail server that relays as `permitted` says, and dracd that sets it. */
  async function site({ always = false, never = false, keeps = false } = {}) {
    let permitted = false
    const fake = await smtp(() => (always || (permitted && !never) ? '250 ok' : '554 no'))
    const findings = await permitFindings({
      server: serverOf(fake),
      source: '127.0.0.9',
      patience: never || keeps ? 0 : 10_000,
      permit: async () => {
        permitted = true
        return undefined
      },
      revoke: async () => {
        permitted = keeps
      },
    })
    return findings.map(({ level, message }) => `${level} ${message}`)
  }

  test('relays, and after the revocation does not', async () => {
    expect(await site()).toEqual([
      'ok relays for 127.0.0.9 while it is permitted: 250 ok',
      'ok does not relay for 127.0.0.9 after it was revoked: 554 no',
    ])
  })

  test('does not relay although it is permitted', async () => {
    expect((await site({ never: true }))[0]).toMatch(
      /^error does not relay for 127\.0\.0\.9 although dracd permits it: 554 no/,
    )
  })

  test('still relays after it was revoked', async () => {
    expect((await site({ keeps: true }))[1]).toMatch(/^error still relays for 127\.0\.0\.9, which was revoked/)
  })

  test('dracd refuses to permit it', async () => {
    const fake = await smtp(() => '554 no')
    const findings = await permitFindings({
      server: serverOf(fake),
      source: '127.0.0.9',
      permit: async () => 'impossible',
      revoke: async () => {},
    })
    expect(findings).toMatchObject([{ level: 'warning', message: expect.stringContaining('impossible') }])
    expect(fake.heard).toEqual([])
  })
})
