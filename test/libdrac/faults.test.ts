// The server is down, garbled, slow, or somebody else: results and messages, and the time it takes. Where rpcgen and
// libtirpc are here, each is also what the original's way of calling comes to.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomes } from './call.ts'
import { stopAll } from './children.ts'
import { type Fake, startFake } from './fake.ts'
import { compile, compileReference, makeLibrary, removeFolder, skipping, temporaryFolder } from './toolchain.ts'

afterAll(stopAll)

const unable = skipping('libdrac against a misbehaving server', 'gcc')
const withoutReference = skipping("libdrac's messages beside libtirpc's", 'gcc', 'rpcsvc-proto', 'libtirpc-dev')

/** behaviour (replies.ts), result, message; `original` where ours differs on purpose. */
const ANSWERS: readonly { behaviour: string; result: number; message: string; original?: number }[] = [
  { behaviour: 'success', result: 0, message: 'Server reports add succeeded' },
  { behaviour: 'perm', result: 1, message: 'Server reports permission denied' },
  { behaviour: 'syserr', result: 2, message: 'Server reports system error' },
  { behaviour: 'unkown', result: 3, message: 'Server reports unknown error' },
  // A number outside the enum could look like our own -1 and -2.
  { behaviour: 'addstat-77', result: 3, message: 'Server reports unknown error', original: 77 },
  { behaviour: 'verifier-400', result: 0, message: 'Server reports add succeeded' },
  { behaviour: 'trailing-bytes', result: 0, message: 'Server reports add succeeded' },
  { behaviour: 'twice', result: 0, message: 'Server reports add succeeded' },
  // libtirpc gives up when a datagram shorter than a transaction id comes.
  { behaviour: 'wrong-xid-then-right', result: 0, message: 'Server reports add succeeded', original: -2 },
  { behaviour: 'program-unavailable', result: -2, message: 'call failed: RPC: Program unavailable' },
  {
    behaviour: 'version-mismatch',
    result: -2,
    message: 'call failed: RPC: Program/version mismatch; low version = 3, high version = 4',
  },
  { behaviour: 'procedure-unavailable', result: -2, message: 'call failed: RPC: Procedure unavailable' },
  { behaviour: 'garbage-arguments', result: -2, message: "call failed: RPC: Server can't decode arguments" },
  { behaviour: 'system-error', result: -2, message: 'call failed: RPC: Remote system error' },
  { behaviour: 'accept-9', result: -2, message: 'call failed: RPC: Failed (unspecified error)' },
  {
    behaviour: 'rpc-mismatch',
    result: -2,
    message: 'call failed: RPC: Incompatible versions of RPC; low version = 3, high version = 5',
  },
  {
    behaviour: 'auth-badcred',
    result: -2,
    message: 'call failed: RPC: Authentication error; why = Invalid client credential',
  },
  {
    behaviour: 'auth-tooweak',
    result: -2,
    message: 'call failed: RPC: Authentication error; why = Client credential too weak',
  },
  {
    behaviour: 'auth-99',
    result: -2,
    message: 'call failed: RPC: Authentication error; why = (unknown authentication error - 99)',
  },
  ...(
    ['reject-7', 'reply-5', 'a-call', 'verifier-401', 'verifier-huge', 'xid-alone', 'no-result', 'junk'] as const
  ).map((behaviour) => ({ behaviour, result: -2, message: "call failed: RPC: Can't decode result" })),
  { behaviour: 'half-result', result: -2, message: "call failed: RPC: Can't decode result" },
  { behaviour: 'silent', result: -2, message: 'call failed: RPC: Timed out' },
  { behaviour: 'wrong-xid', result: -2, message: 'call failed: RPC: Timed out' },
]

describe.skipIf(unable)('one server', () => {
  const folder = temporaryFolder()
  const behaviours = [...ANSWERS.map(({ behaviour }) => behaviour), 'first-lost', 'slow/600', 'slow/20000']
  let fake: Fake
  let call: string
  let reference: string | undefined
  const portOf = (behaviour: string): number => fake.ports[behaviours.indexOf(behaviour)]!
  const auth = async (server: string, env: NodeJS.ProcessEnv = {}) =>
    (await outcomes([call, 'auth', server, '192.0.2.25'], env))[0]!

  beforeAll(async () => {
    makeLibrary(folder)
    call = compile(folder, 'call')
    if (!withoutReference) reference = compileReference(folder).client
    fake = await startFake(behaviours.map((behaviour) => `127.0.0.1:0=${behaviour}`))
  })
  afterAll(async () => {
    await fake?.stop()
    removeFolder(folder)
  })

  test.concurrent.each(ANSWERS)('$behaviour: $result, $message', async ({ behaviour, result, message, original }) => {
    const server = `127.0.0.1:${portOf(behaviour)}`
    expect(await auth(server, { DRAC_TIMEOUT: '1' })).toMatchObject({ result, message })
    if (reference === undefined) return
    const theirs = (await outcomes([reference, 'auth', server, '192.0.2.25']))[0]!
    expect(theirs.result).toBe(original ?? result)
    if (result < 0) expect(theirs.message).toBe(message)
  })

  test('a closed port is told at once', async () => {
    const gone = await startFake(['127.0.0.1:0=silent'])
    const server = `127.0.0.1:${gone.ports[0]}`
    await gone.stop()
    const expected = { result: -2, message: 'call failed: RPC: Unable to receive; errno = Connection refused' }
    expect(await auth(server, { DRAC_TIMEOUT: '20' })).toMatchObject(expected)
    if (reference !== undefined)
      expect((await outcomes([reference, 'auth', server, '192.0.2.25']))[0]).toMatchObject(expected)
    expect((await auth(server, { DRAC_TIMEOUT: '20' })).ms).toBeLessThan(10_000)
  })

  test('a lost datagram is sent again, under the same transaction id', async () => {
    expect(await auth(`127.0.0.1:${portOf('first-lost')}`, { DRAC_TIMEOUT: '20' })).toMatchObject({ result: 0 })
    const sent = await fake.got(behaviours.indexOf('first-lost'))
    expect(sent.length).toBeGreaterThanOrEqual(2)
    expect(new Set(sent).size).toBe(1)
  })

  test('a slow server is waited for', async () => {
    const { result, ms } = await auth(`127.0.0.1:${portOf('slow/600')}`, { DRAC_TIMEOUT: '20' })
    expect(result).toBe(0)
    expect(ms).toBeGreaterThanOrEqual(590)
  })

  test('a server that is too slow is waited for as long as DRAC_TIMEOUT says, by default 2 s', async () => {
    const server = `127.0.0.1:${portOf('slow/20000')}`
    const expected = { '0.4': 0.4, 1: 1, '': 2, soon: 2, '-1': 2, '2s': 2 }
    const waits = Object.entries(expected).map(async ([DRAC_TIMEOUT, seconds]) => {
      const { result, message, ms } = await auth(server, { DRAC_TIMEOUT })
      expect([DRAC_TIMEOUT, result, message]).toEqual([DRAC_TIMEOUT, -2, 'call failed: RPC: Timed out'])
      expect(ms).toBeGreaterThanOrEqual(seconds * 1000 - 10)
      expect(ms).toBeLessThan(seconds * 1000 + 10_000)
    })
    await Promise.all(waits)
  })

  test.each([
    ['', ': RPC: Unknown host'],
    [' ,\t\n', ': RPC: Unknown host'],
    ['127.0.0.1:0', '127.0.0.1:0: RPC: Unknown host'],
    ['127.0.0.1:65536', '127.0.0.1:65536: RPC: Unknown host'],
    ['127.0.0.1:12x', '127.0.0.1:12x: RPC: Unknown host'],
    ['[::1', '[::1: RPC: Unknown host'],
    ['[::1]7', '[::1]7: RPC: Unknown host'],
    [':4711', ':4711: RPC: Unknown host'],
    ['a\x1bb:1', 'a?b:1: RPC: Unknown host'],
    [`${'x'.repeat(300)}:1`, `${'x'.repeat(255)}: RPC: Unknown host`],
    [Array(17).fill('127.0.0.1:1').join(), 'more than 16 hosts: RPC: Unknown host'],
  ])('the server %j is none', async (server, message) => {
    expect(await auth(server)).toMatchObject({ result: -1, message })
  })

  describe('several servers', () => {
    const at = (...names: readonly string[]) => names.map((name) => `127.0.0.1:${portOf(name)}`).join(', ')

    test('all are told, the dead and the slow ones too, and one success is success', async () => {
      const before = (await fake.got(behaviours.indexOf('success'))).length
      const { result, message } = await auth(at('silent', 'perm', 'success', 'junk'), { DRAC_TIMEOUT: '0.5' })
      expect([result, message]).toEqual([0, 'Server reports add succeeded'])
      expect(await fake.got(behaviours.indexOf('success'))).toHaveLength(before + 1)
    })

    test('without success the server that got furthest speaks, by its name', async () => {
      expect(await auth(at('silent', 'perm', 'syserr'), { DRAC_TIMEOUT: '0.3' })).toMatchObject({
        result: 1,
        message: `${at('perm')}: Server reports permission denied`,
      })
      expect(await auth(`127.0.0.1:0 ${at('program-unavailable')}`)).toMatchObject({
        result: -2,
        message: `${at('program-unavailable')}: call failed: RPC: Program unavailable`,
      })
    })

    test('sixteen silent servers take no longer than one', async () => {
      const { ms } = await auth(at(...Array(16).fill('silent')), { DRAC_TIMEOUT: '0.5' })
      expect(ms).toBeLessThan(5000)
    })
  })

  test('the message of a failure has no time, no address and no control characters in it', async () => {
    expect(await auth('\x07\x1b[2J:1')).toMatchObject({ message: '??[2J:1: RPC: Unknown host' })
  })
})
