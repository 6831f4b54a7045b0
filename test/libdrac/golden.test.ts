// What goes over the wire is what rpcgen's client over libtirpc sends, but for the transaction id.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomes } from './call.ts'
import { stopAll } from './children.ts'
import { type Fake, startFake } from './fake.ts'
import { compile, compileReference, makeLibrary, removeFolder, skipping, temporaryFolder } from './toolchain.ts'

/** Made by libtirpc's client; without the transaction id. */
const HEADER = (vers: number) => `0000000000000002000dbc050000000${vers}00000001${'00000000'.repeat(4)}`
const GOLDEN = [
  ['auth', '192.0.2.25', `${HEADER(1)}c0000219`],
  ['auth', '0.0.0.0', `${HEADER(1)}00000000`],
  ['auth', '255.255.255.255', `${HEADER(1)}ffffffff`],
  ['auth6', '2001:db8::fffe', `${HEADER(2)}00000020000000010000000dffffffb8${'00000000'.repeat(10)}fffffffffffffffe`],
  ['auth6', '7f80:817f::1', `${HEADER(2)}0000007fffffff80ffffff810000007f${'00000000'.repeat(11)}00000001`],
] as const

const withoutXid = (datagrams: readonly string[]) => datagrams.map((hex) => hex.slice(8))

afterAll(stopAll)

describe.skipIf(skipping('the bytes that libdrac sends', 'gcc'))('what libdrac sends', () => {
  const folder = temporaryFolder()
  let fake: Fake
  let call: string
  const server = () => `127.0.0.1:${fake.ports[0]}`
  /** The datagrams that these steps send. */
  async function sent(program: string, ...steps: readonly string[]): Promise<string[]> {
    const before = (await fake.got()).length
    for (const { result } of await outcomes([program, ...steps])) expect(result).toBe(0)
    return (await fake.got()).slice(before)
  }

  beforeAll(async () => {
    makeLibrary(folder)
    call = compile(folder, 'call')
    fake = await startFake(['127.0.0.1:0=success'])
  })
  afterAll(async () => {
    await fake?.stop()
    removeFolder(folder)
  })

  test.each(GOLDEN)('%s %s', async (step, address, expected) => {
    expect(withoutXid(await sent(call, step, server(), address))).toEqual([expected])
  })

  test('dracsend sends the same as dracauth, and dracconn sends nothing', async () => {
    const v4 = ['conn', server(), 'send', '192.0.2.25', 'send', '192.0.2.25', 'disc']
    expect(withoutXid(await sent(call, ...v4))).toEqual([GOLDEN[0][2], GOLDEN[0][2]])
    expect(withoutXid(await sent(call, 'conn6', server(), 'send6', '2001:db8::fffe', 'disc6'))).toEqual([GOLDEN[3][2]])
  })

  test('a mapped address is reported as the IPv4 address it is', async () => {
    expect(withoutXid(await sent(call, 'auth6', server(), '::ffff:192.0.2.25'))).toEqual([GOLDEN[0][2]])
    expect(withoutXid(await sent(call, 'conn6', server(), 'send6', '::ffff:192.0.2.25'))).toEqual([GOLDEN[0][2]])
  })

  test('no two calls have the same transaction id', async () => {
    const datagrams = await sent(call, ...Array(50).fill(['auth', server(), '192.0.2.25']).flat())
    expect(new Set(datagrams.map((hex) => hex.slice(0, 8))).size).toBe(50)
  })

  test.skipIf(skipping("libdrac's bytes beside libtirpc's", 'gcc', 'rpcsvc-proto', 'libtirpc-dev'))(
    'these are the bytes of libtirpc here',
    async () => {
      const { client } = compileReference(folder)
      for (const [step, address, expected] of GOLDEN)
        expect([address, ...withoutXid(await sent(client, step, server(), address))]).toEqual([address, expected])
    },
  )
})
